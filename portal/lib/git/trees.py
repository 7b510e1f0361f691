"""From a commit to files on disk: nothing leaves the folder, nothing is executed, nothing grows without limit."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dulwich.index import validate_path_element_hfs, validate_path_element_ntfs
from dulwich.object_store import BaseObjectStore
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tag, Tree

from portal.lib.fetch.errors import SourceTooLarge
from portal.lib.git.errors import BrokenRepository, PathMissing, RefMissing
from portal.lib.git.limits import Limits
from portal.lib.paths import DEEPEST, LONGEST_PATH, links_out

_LINK = stat.S_IFLNK
_SUBMODULE = 0o160000


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing a tree: links that lead out (now small files with their target) and submodules left out."""

    neutralised: tuple[str, ...]
    submodules: tuple[str, ...]


def commit_of(store: BaseObjectStore, sha: str) -> Commit:
    """The commit that an id names, through annotated tags; raises RefMissing when there is none."""
    name = ObjectID(sha.encode())
    if name not in store:
        raise RefMissing(f"There is no commit {sha}.", ref=sha)
    found = _object(store, name)
    while isinstance(found, Tag):
        found = _object(store, found.object[1])
    if not isinstance(found, Commit):
        raise RefMissing(f"{sha} is not a commit.", ref=sha)
    return found


def _object(store: BaseObjectStore, sha: ObjectID) -> ShaFile:
    try:
        return store[sha]
    except KeyError as error:
        raise BrokenRepository(f"The repository lacks the object {sha.decode('ascii', 'replace')}.") from error


def entry_at(store: BaseObjectStore, tree: ObjectID, path: str) -> tuple[int, ObjectID]:
    """Mode and id of the file or folder ``path`` of a tree; raises PathMissing."""
    mode, sha = stat.S_IFDIR, tree
    for part in [part for part in path.split("/") if part not in {"", "."}]:
        found = _object(store, sha) if stat.S_ISDIR(mode) else None
        if not isinstance(found, Tree) or part.encode() not in found:
            raise PathMissing(f"There is no {path!r} in this version of the repository.", path=path)
        mode, sha = found[part.encode()]
    return mode, sha


class TreeWriter:
    """Writes one tree, or one file of it, into an empty folder."""

    def __init__(self, store: BaseObjectStore, into: Path, limits: Limits) -> None:
        self._store = store
        self._into = into
        self._limits = limits
        self._files = self._bytes = 0
        self._links: dict[str, str] = {}
        self._submodules: list[str] = []

    def write(self, mode: int, sha: ObjectID, name: str) -> Written:
        """Write the tree ``sha`` into the folder, or the file ``sha`` as ``name`` in it.

        Raises SourceTooLarge beyond the limits, BrokenRepository for names that no checkout may contain.
        """
        try:
            self._write_all(mode, sha, "" if stat.S_ISDIR(mode) else name)
            neutralised = self._write_links()
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise BrokenRepository(f"The repository has two things under one name: {error.filename}") from error
        return Written(neutralised, tuple(self._submodules))

    def _write_all(self, mode: int, sha: ObjectID, path: str) -> None:
        waiting = [(mode, sha, path)]
        while waiting:
            mode, sha, path = waiting.pop()
            if stat.S_ISDIR(mode):
                waiting.extend(self._folder(sha, path))
            else:
                self._entry(mode, sha, path)

    def _folder(self, sha: ObjectID, path: str) -> Iterator[tuple[int, ObjectID, str]]:
        found = _object(self._store, sha)
        if not isinstance(found, Tree) or path.count("/") >= DEEPEST - 1 or len(path) > LONGEST_PATH // 2:
            raise BrokenRepository(f"The folder {path or '/'} of the repository cannot be read.")
        self._count(0)
        (self._into / path).mkdir(exist_ok=not path)
        for name, mode, entry in found.iteritems():
            yield mode, entry, f"{path}/{_checked(name)}".lstrip("/")

    def _entry(self, mode: int, sha: ObjectID, path: str) -> None:
        if mode == _SUBMODULE:
            self._submodules.append(path)
            (self._into / path).mkdir()
            return
        found = _object(self._store, sha)
        if not isinstance(found, Blob):
            raise BrokenRepository(f"The file {path} of the repository cannot be read.")
        self._count(found.raw_length())
        if stat.S_IFMT(mode) == _LINK:
            self._links[path] = found.data.decode("utf-8", "surrogateescape")
        else:
            self._write_file(path, found.data, 0o755 if mode & 0o111 else 0o644)

    def _write_file(self, path: str, data: bytes, mode: int) -> None:
        target = self._into / path
        # SECURITY: "x" never writes through anything that is there already.
        with target.open("xb") as file:
            file.write(data)
        target.chmod(mode)

    def _count(self, size: int) -> None:
        self._files, self._bytes = self._files + 1, self._bytes + size
        if self._files > self._limits.max_files or self._bytes > self._limits.max_bytes:
            raise SourceTooLarge(
                f"The repository has more than the {self._limits.max_files} files "
                f"or {self._limits.max_bytes} bytes allowed."
            )

    def _write_links(self) -> tuple[str, ...]:
        """Make the links when all files are there, and files of those that lead out, as Git does where it has none."""
        for path, target in self._links.items():
            if "\0" in target or not target:
                raise BrokenRepository(f"The link {path} of the repository leads nowhere.")
            (self._into / path).symlink_to(target)
        neutralised: list[str] = []
        # NOTE: a link that leads out may be the reason that another one does, so ask again until none is left.
        while leaving := links_out(self._into):
            for path in leaving:
                (self._into / path).unlink()
                self._write_file(path, self._links[path].encode("utf-8", "surrogateescape"), 0o644)
            neutralised += leaving
        return tuple(sorted(neutralised))


def _checked(name: bytes) -> str:
    """A name of a tree as text; raises BrokenRepository for ``..``, ``.git`` in any spelling, and what is no text."""
    is_safe = validate_path_element_ntfs(name) and validate_path_element_hfs(name)
    if not is_safe or name in {b"", b".", b".."} or b"/" in name or b"\0" in name or len(name) > 255:
        raise BrokenRepository(f"The repository contains the name {name!r}, which is not allowed.")
    try:
        return name.decode()
    except UnicodeDecodeError as error:
        raise BrokenRepository(f"The repository contains the name {name!r}, which is not UTF-8.") from error
