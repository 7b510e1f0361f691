"""Rendering a skeleton: every path and every text with the values, written only when all of it has succeeded."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from portal.lib.errors import Invalid
from portal.lib.paths import Entry, copy_entry, copy_tree, make_folder, safe_join, walk
from scaffolder.expressions.engine import TextOptions, TextRenderer
from scaffolder.steps.base import Input, StepContext
from scaffolder.steps.binary import is_binary
from scaffolder.steps.globs import select

RENDERING_PROPERTIES: Mapping[str, Any] = {
    "values": {"type": "object", "additionalProperties": {}},
    "cookiecutterCompat": {"type": "boolean"},
    "replace": {"type": "boolean"},
    "trimBlocks": {"type": "boolean"},
    "lstripBlocks": {"type": "boolean"},
}
SKELETON_PROPERTIES: Mapping[str, Any] = {
    **RENDERING_PROPERTIES,
    "copyWithoutRender": {"type": "array", "items": {"type": "string"}},
    "copyWithoutTemplating": {"type": "array", "items": {"type": "string"}},
    "templateFileExtension": {"type": ["string", "boolean"]},
}


def renderer_of(ctx: StepContext, given: Input) -> TextRenderer:
    """The renderer that an action's input asks for."""
    options = TextOptions(
        cookiecutter_compat=given.get("cookiecutterCompat", False),
        trim_blocks=given.get("trimBlocks", False),
        lstrip_blocks=given.get("lstripBlocks", False),
    )
    return ctx.expressions.text_renderer(given.get("values", {}), options)


@dataclass(frozen=True)
class Choice:
    """Which files are rendered, and how their names come about."""

    copied: Sequence[str] = ()
    renders_copied_names: bool = True
    extension: str = ""

    @classmethod
    def of(cls, given: Input) -> Choice:
        """What an action's input chooses; raises Invalid for inputs that exclude each other."""
        old, new = given.get("copyWithoutRender"), given.get("copyWithoutTemplating")
        if old and new:
            raise Invalid("copyWithoutRender and copyWithoutTemplating cannot be used together.")
        extension = given.get("templateFileExtension")
        if extension and (old or new or given.get("cookiecutterCompat")):
            raise Invalid(
                "templateFileExtension cannot be used together with copyWithoutTemplating or cookiecutterCompat."
            )
        suffix = "njk" if extension is True else str(extension or "")
        return cls(new or old or (), not old, f".{suffix.removeprefix('.')}" if suffix else "")


@dataclass
class Skeleton:
    """One rendering of the folder ``source`` into the folder ``target`` of the workspace."""

    ctx: StepContext
    source: Path
    target: Path
    choice: Choice
    renderer: TextRenderer
    replace: bool = False
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("rendered", "copied", "kept", "left out"), 0))

    def render(self) -> None:
        """Render everything, then write it. When something fails, nothing of it is in the workspace.

        Raises Invalid for expressions that fail and for paths that leave the target, with the file's name.
        """
        entries = list(walk(self.source))
        untouched = select(entries, self.choice.copied, dot=True)
        with tempfile.TemporaryDirectory(prefix="skeleton-") as scratch:
            staged = Path(scratch)
            for entry in entries:
                self.ctx.stop_if_cancelled()
                self._stage(entry, staged, is_copied=entry.path in untouched)
            copy_tree(staged, self.target)
        told = ", ".join(f"{count} {word}" for word, count in self.counts.items() if count)
        self.ctx.log(f"Files: {told or 'none'}")

    def _stage(self, entry: Entry, staged: Path, *, is_copied: bool) -> None:
        is_rendered, name = self._name(entry, is_copied)
        if entry.kind == "other" or name == "" or name.startswith("/") or "//" in name:
            # A path part that renders to nothing leaves the file or the whole folder out.
            self.counts["left out"] += entry.kind != "folder"
            return
        # Judged against the target and against the stage: links may lie in both.
        final, path = safe_join(self.target, name, follow_last=False), safe_join(staged, name)
        if entry.kind == "folder":
            make_folder(path)
        elif _is_taken(path) or (_is_taken(final) and not self.replace):
            self.counts["kept"] += 1
        else:
            self._write(entry, path, is_rendered=is_rendered)

    def _name(self, entry: Entry, is_copied: bool) -> tuple[bool, str]:
        """Whether the content is rendered, and the rendered path."""
        name, is_rendered = entry.path, not is_copied
        if self.choice.extension:
            is_rendered = entry.kind != "folder" and PurePosixPath(name).suffix == self.choice.extension
            name = name.removesuffix(self.choice.extension) if is_rendered else name
        if is_copied and not self.choice.renders_copied_names:
            return is_rendered, name
        name = f"{name}/" if entry.kind == "folder" else name
        return is_rendered, self.renderer.render(name, name=entry.path)

    def _write(self, entry: Entry, path: Path, *, is_rendered: bool) -> None:
        source = self.source / entry.path
        text = self._text(source) if is_rendered and entry.kind == "file" else None
        if text is None:
            copy_entry(source, path)
            self.counts["copied"] += 1
            return
        make_folder(path.parent)
        path.write_bytes(self.renderer.render(text, name=entry.path).encode())
        path.chmod(entry.mode | 0o600)
        self.counts["rendered"] += 1

    def _text(self, source: Path) -> str | None:
        """The text of a file, None for one that is none."""
        data = source.read_bytes()
        if is_binary(data):
            return None
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.ctx.log(f"{source.name} is not UTF-8, so it is copied and not rendered.")
            return None


def _is_taken(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def render_folder(ctx: StepContext, source: Path, target: Path, given: Input) -> None:
    """Render a folder as ``fetch:template`` and ``workspace:template`` do."""
    Skeleton(ctx, source, target, Choice.of(given), renderer_of(ctx, given), given.get("replace", False)).render()


def render_file(ctx: StepContext, data: bytes, given: Input, *, name: str) -> None:
    """Render one text to ``targetPath`` as the ``:file`` actions do; an existing file is kept unless ``replace``."""
    target = ctx.path(given["targetPath"])
    if target.exists() and not given.get("replace", False):
        ctx.log(f"{given['targetPath']} is there already and is kept.")
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"{name} is not a text in UTF-8, so it cannot be rendered.") from error
    rendered = renderer_of(ctx, given).render(text, name=name).encode()
    if target.is_dir():
        raise Invalid(f"{given['targetPath']} is a folder, so a file cannot take its place.")
    make_folder(target.parent)
    target.write_bytes(rendered)
    ctx.log(f"Wrote {given['targetPath']}")
