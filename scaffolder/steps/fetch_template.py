"""``fetch:template`` and ``fetch:template:file``: a skeleton, rendered with values, into the workspace."""

from __future__ import annotations

from scaffolder.steps.base import Action, Input, Output, StepContext
from scaffolder.steps.skeletons import RENDERING_PROPERTIES, SKELETON_PROPERTIES, render_file, render_folder


class FetchTemplate(Action):
    """Renders the folder of a skeleton."""

    id = "fetch:template"
    description = "Renders the names and contents of a skeleton's files with values and writes them to the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "url": {"type": "string"},
            "targetPath": {"type": "string"},
            "token": {"type": "string"},
            **SKELETON_PROPERTIES,
        },
        "required": ["url"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Fetch and render; existing files are kept unless ``replace``."""
        target = ctx.path(given.get("targetPath", "./"))
        ctx.log(f"Fetching {given['url']}")
        source = ctx.services.sources.open_folder(given["url"], base_url=ctx.base_url, token=given.get("token", ""))
        with source as folder:
            render_folder(ctx, folder, target, given)
        return {}


class FetchTemplateFile(Action):
    """Renders one file."""

    id = "fetch:template:file"
    description = "Renders one file with values and writes it to the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "url": {"type": "string"},
            "targetPath": {"type": "string"},
            "token": {"type": "string"},
            **RENDERING_PROPERTIES,
        },
        "required": ["url", "targetPath"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Fetch and render; an existing file is kept unless ``replace``."""
        ctx.log(f"Fetching {given['url']}")
        data = ctx.services.sources.read_file(given["url"], base_url=ctx.base_url, token=given.get("token", ""))
        render_file(ctx, data, given, name=given["url"])
        return {}
