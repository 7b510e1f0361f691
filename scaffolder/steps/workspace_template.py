"""``workspace:template`` and ``workspace:template:file``: a skeleton that is in the workspace already."""

from __future__ import annotations

from portal.lib.errors import Invalid, NotFound
from scaffolder.steps.base import Action, Input, Output, StepContext
from scaffolder.steps.skeletons import RENDERING_PROPERTIES, SKELETON_PROPERTIES, render_file, render_folder


class WorkspaceTemplate(Action):
    """Renders one folder of the workspace into another."""

    id = "workspace:template"
    description = "Renders the names and contents of a workspace folder's files with values into another folder."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "sourcePath": {"type": "string"},
            "targetPath": {"type": "string"},
            **{name: part for name, part in SKELETON_PROPERTIES.items() if name != "copyWithoutRender"},
        },
        "required": ["sourcePath", "targetPath"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Render; existing files are kept unless ``replace``. Raises Invalid when the target is in the source."""
        source, target = ctx.path(given["sourcePath"]), ctx.path(given["targetPath"])
        if not source.is_dir():
            raise NotFound(f"There is no folder {given['sourcePath']!r} in the workspace.")
        if target.resolve().is_relative_to(source.resolve()):
            raise Invalid("targetPath must not be within sourcePath.")
        render_folder(ctx, source, target, given)
        return {}


class WorkspaceTemplateFile(Action):
    """Renders one file of the workspace into another."""

    id = "workspace:template:file"
    description = "Renders one file of the workspace with values into another file."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "sourcePath": {"type": "string"},
            "targetPath": {"type": "string"},
            **RENDERING_PROPERTIES,
        },
        "required": ["sourcePath", "targetPath"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Render; an existing file is kept unless ``replace``."""
        source = ctx.path(given["sourcePath"])
        if not source.is_file():
            raise NotFound(f"There is no file {given['sourcePath']!r} in the workspace.")
        render_file(ctx, source.read_bytes(), given, name=given["sourcePath"])
        return {}
