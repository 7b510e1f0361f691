"""``fetch:plain`` and ``fetch:plain:file``: files into the workspace as they are."""

from __future__ import annotations

from portal.lib.paths import Occupied, make_folder
from scaffolder.steps.base import Action, Input, Output, StepContext


class FetchPlain(Action):
    """Copies a folder from a source."""

    id = "fetch:plain"
    description = "Copies the files of a folder, such as one beside the template, into the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "url": {"type": "string"},
            "targetPath": {"type": "string"},
            "token": {"type": "string"},
        },
        "required": ["url"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Copy everything; existing files are replaced."""
        target = ctx.path(given.get("targetPath", "./"))
        ctx.log(f"Fetching {given['url']}")
        ctx.services.sources.copy_folder(given["url"], target, base_url=ctx.base_url, token=given.get("token", ""))
        return {}


class FetchPlainFile(Action):
    """Copies one file from a source."""

    id = "fetch:plain:file"
    description = "Copies one file into the workspace."
    supports_dry_run = True
    input_schema = {**FetchPlain.input_schema, "required": ["url", "targetPath"]}

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Write the file; an existing one is replaced."""
        target = ctx.path(given["targetPath"])
        ctx.log(f"Fetching {given['url']}")
        data = ctx.services.sources.read_file(given["url"], base_url=ctx.base_url, token=given.get("token", ""))
        if target.is_dir():
            raise Occupied(f"{given['targetPath']} is a folder; give the name of a file.")
        make_folder(target.parent)
        target.write_bytes(data)
        return {}
