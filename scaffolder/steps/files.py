"""``fs:delete``, ``fs:rename`` and ``fs:readdir``: tidying the workspace."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from portal.lib.errors import Invalid, NotFound
from portal.lib.paths import Entry, Occupied, make_folder, remove, walk
from scaffolder.steps.base import Action, Input, Output, StepContext
from scaffolder.steps.globs import is_glob, select

_ITEM = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "path": {"type": "string"}, "fullPath": {"type": "string"}},
    "required": ["name", "path", "fullPath"],
    "additionalProperties": False,
}


class Delete(Action):
    """Deletes what was fetched too much."""

    id = "fs:delete"
    description = "Deletes files and folders of the workspace; patterns such as 'docs/*.md' delete the files they fit."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {"files": {"type": "array", "items": {"type": "string"}}},
        "required": ["files"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Delete; what is not there is logged and no error."""
        for name in given["files"]:
            for path in _named(ctx, name):
                remove(path)
                ctx.log(f"Deleted {path.relative_to(ctx.workspace.resolve())}")
        return {}


def _named(ctx: StepContext, name: str) -> list[Path]:
    """What a path or pattern names: a thing of exactly that name first, since brackets occur in names too."""
    path = ctx.path(name, follow_last=False)
    if path == ctx.workspace.resolve():
        raise Invalid("The workspace itself cannot be deleted. Name what is in it, such as '*'.")
    if path.exists() or path.is_symlink():
        return [path]
    if not is_glob(name):
        ctx.log(f"There is no {name}")
        return []
    files = [entry for entry in walk(ctx.workspace) if entry.kind != "folder"]
    chosen = sorted(select(files, [name], dot=False))
    if not chosen:
        ctx.log(f"Nothing fits {name}")
    return [ctx.path(found, follow_last=False) for found in chosen]


class Rename(Action):
    """Moves files and folders."""

    id = "fs:rename"
    description = "Renames or moves files and folders within the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "from": {"type": "string"},
                        "to": {"type": "string"},
                        "overwrite": {"type": "boolean"},
                    },
                    "required": ["from", "to"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["files"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Move one after another. Raises NotFound and Occupied, naming the path."""
        for pair in given["files"]:
            _move(ctx, pair["from"], pair["to"], overwrite=pair.get("overwrite", False))
            ctx.log(f"Renamed {pair['from']} to {pair['to']}")
        return {}


def _move(ctx: StepContext, old: str, new: str, *, overwrite: bool) -> None:
    source, target = ctx.path(old, follow_last=False), ctx.path(new, follow_last=False)
    if not (source.exists() or source.is_symlink()):
        raise NotFound(f"There is no {old!r} in the workspace.", path=old)
    if source == target:
        return
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise Invalid(f"{old!r} cannot be moved to {new!r}: one is inside the other.", path=new)
    if target.exists() or target.is_symlink():
        if not overwrite:
            raise Occupied(f"{new!r} exists already. Set overwrite to replace it.", path=new)
        remove(target)
    make_folder(target.parent)
    shutil.move(source, target)


class ReadDirectory(Action):
    """Lists folders for later steps."""

    id = "fs:readdir"
    description = "Lists the files and folders in folders of the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "paths": {"type": "array", "items": {"type": "string", "minLength": 1}},
            "recursive": {"type": "boolean", "default": False},
        },
        "required": ["paths"],
        "additionalProperties": False,
    }
    output_schema = {
        "type": "object",
        "properties": {"files": {"type": "array", "items": _ITEM}, "folders": {"type": "array", "items": _ITEM}},
        "required": ["files", "folders"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """List; links are files here. Raises NotFound for what is no folder."""
        files: list[dict[str, Any]] = []
        folders: list[dict[str, Any]] = []
        for name in given["paths"]:
            folder = ctx.path(name)
            if not folder.is_dir():
                raise NotFound(f"There is no folder {name!r} in the workspace.", path=name)
            for entry in walk(folder):
                if given.get("recursive", False) or "/" not in entry.path:
                    (folders if entry.kind == "folder" else files).append(_item(ctx, folder, entry))
        return {"files": files, "folders": folders}


def _item(ctx: StepContext, folder: Path, entry: Entry) -> dict[str, Any]:
    path = folder / entry.path
    inner = path.relative_to(ctx.workspace.resolve()).as_posix()
    return {"name": path.name, "path": inner, "fullPath": f"{ctx.workspace}/{inner}"}
