"""Paths that come from outside: joined so that they cannot leave their root, and walked without following links."""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from portal.lib.errors import Invalid

LONGEST_NAME = 255
LONGEST_PATH = 4096
# Python's own file functions recurse, so a deeper tree could be made and never be removed.
DEEPEST = 200
_DRIVE = re.compile(r"^[A-Za-z]:(?:[\\/]|$)")

Kind = Literal["file", "folder", "link", "other"]


class UnsafePath(Invalid):
    """A path leads out of the folder that it must stay in, or no file system can hold it."""

    code = "unsafe_path"
    title = "The path is not allowed"


class Occupied(Invalid):
    """A file is where a folder should be, or a folder where a file should be."""

    code = "occupied"
    title = "Something else is in the way"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing below a root: its path relative to that root with ``/``, what it is, its size and its mode."""

    path: str
    kind: Kind
    size: int
    mode: int

    @property
    def is_executable(self) -> bool:
        """Whether any execute bit is set."""
        return bool(self.mode & 0o111)


def safe_join(root: Path, relative: str, *, follow_last: bool = True) -> Path:
    """The path of ``relative`` (with ``/``) below the existing folder ``root``.

    ``..`` may climb but not above the root; links on the way may lead elsewhere below the root but not out of it.
    With ``follow_last=False`` the last part may itself be a link to anywhere, for those who handle the link and
    not its target. Raises UnsafePath for everything that leaves the root, for absolute paths and drive letters,
    and for names that no file system takes.
    """
    parts = _parts(relative)
    base = root.resolve()
    joined = base.joinpath(*parts)
    seen = joined.parent if parts and not follow_last else joined
    if not _resolved(seen, relative).is_relative_to(base):
        raise UnsafePath(f"The path {_shown(relative)} leaves its folder through a link.", path=relative)
    return joined


def _parts(relative: str) -> list[str]:
    """The parts of a relative path without ``.`` and ``..``."""
    _check_writable(relative)
    if relative.startswith(("/", "\\")) or _DRIVE.match(relative):
        raise UnsafePath(f"The path {_shown(relative)} is absolute; give one relative to its folder.", path=relative)
    parts: list[str] = []
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                raise UnsafePath(f"The path {_shown(relative)} leads out of its folder.", path=relative)
            parts.pop()
        elif ".." in part.split("\\"):
            # SECURITY: a part like ``..\x`` is a harmless name here and a way out elsewhere.
            raise UnsafePath(f"The path {_shown(relative)} mixes backslashes and '..'.", path=relative)
        elif part not in {"", "."}:
            parts.append(part)
    return parts


def _check_writable(relative: str) -> None:
    try:
        encoded = relative.encode()
    except UnicodeEncodeError as error:
        raise UnsafePath("The path is not valid Unicode text.") from error
    if "\0" in relative:
        raise UnsafePath("The path contains a NUL character.")
    names = encoded.split(b"/")
    if len(encoded) > LONGEST_PATH or len(names) > DEEPEST or any(len(name) > LONGEST_NAME for name in names):
        raise UnsafePath(
            f"The path {_shown(relative)} is too long or too deep for a file system.", path=relative[:LONGEST_NAME]
        )


def _resolved(path: Path, relative: str) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise UnsafePath(f"The path {_shown(relative)} runs through links in a circle.", path=relative) from error


def _shown(relative: str) -> str:
    return repr(relative if len(relative) <= 120 else f"{relative[:119]}…")


def walk(root: Path) -> Iterator[Entry]:
    """Everything below ``root``, sorted by name, folders before their contents; links are not followed."""
    waiting = _children(root, "")
    while waiting:
        entry = waiting.pop()
        yield entry
        if entry.kind == "folder":
            waiting += _children(root / entry.path, f"{entry.path}/")


def _children(folder: Path, prefix: str) -> list[Entry]:
    """What is directly in a folder, last name first."""
    with os.scandir(folder) as found:
        children = [(child.name, child.stat(follow_symlinks=False)) for child in found]
    return [
        Entry(f"{prefix}{name}", _kind(facts.st_mode), facts.st_size, stat.S_IMODE(facts.st_mode))
        for name, facts in sorted(children, key=lambda child: child[0], reverse=True)
    ]


def _kind(mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def files_of(root: Path) -> list[str]:
    """The paths of all files and links below ``root``, sorted as whole texts."""
    return sorted(entry.path for entry in walk(root) if entry.kind in {"file", "link"})


def links_out(root: Path) -> list[str]:
    """The links below ``root`` whose target, once everything is resolved, lies outside of it."""
    base = root.resolve()
    return [entry.path for entry in walk(root) if entry.kind == "link" and not _leads_inside(root / entry.path, base)]


def _leads_inside(link: Path, base: Path) -> bool:
    if link.readlink().is_absolute():
        return False
    try:
        return link.resolve().is_relative_to(base)
    except (OSError, RuntimeError):
        # A circle of links leads nowhere, and so not outside.
        return True


def remove(path: Path) -> None:
    """Delete a file, a link (not its target) or a folder with everything in it; what is absent is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy_entry(source: Path, target: Path) -> None:
    """Copy one file with its mode, or one link as a link; a file in its place is replaced.

    The folders above ``target`` are made. Raises Occupied where a folder is in the way of a file or the reverse.
    """
    make_folder(target.parent)
    if target.is_dir() and not target.is_symlink():
        raise Occupied(f"{target.name} is a folder, so a file cannot take its place.", path=target.name)
    # What is there may be a link to elsewhere, or not writable.
    remove(target)
    shutil.copy(source, target, follow_symlinks=False)


def make_folder(path: Path) -> None:
    """Make a folder and those above it where they are missing; raises Occupied where a file is in the way."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Occupied(f"{path.name} is a file, so a folder cannot take its place.", path=path.name) from error


def copy_tree(source: Path, target: Path) -> None:
    """Copy everything below ``source`` into ``target``: modes kept, links copied as links, existing files replaced."""
    make_folder(target)
    for entry in walk(source):
        into = safe_join(target, entry.path, follow_last=False)
        if entry.kind == "folder":
            make_folder(into)
        elif entry.kind != "other":
            copy_entry(source / entry.path, into)
