"""Reading the files that locations name, within what the one who registered them may read.

A file location stays inside the folder that was registered; an address is fetched from allowed hosts only; the files of
one commit are taken out once and read from there.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

from catalog.entities.globs import glob_matches, is_glob
from catalog.entities.refs import LocationRef
from catalog.ingestion.keepers import RepositoryReader
from portal.lib import fetch, git
from portal.lib.errors import Forbidden, Invalid, NotFound, TooLarge
from portal.lib.fetch import SourceUrl, parse_source_url
from portal.lib.paths import safe_join

MAX_FILE = 10 * 1024 * 1024
MAX_FILES = 20_000
_CATALOG_FILE = re.compile(r"catalog-info[^/]*\.ya?ml", re.IGNORECASE)
_YAML_FILE = re.compile(r".*\.ya?ml", re.IGNORECASE)
# What entities of known kinds begin with; other files of a folder are other people's YAML.
_ENTITY_LINE = re.compile(rb"^[ \t]*[\"']?apiVersion[\"']?:[ \t]*[\"']?[\w.-]*backstage\.io/", re.MULTILINE)
_ETAG = "etag "
_SKIPPED_FOLDERS = frozenset({".git", "node_modules", ".venv", "__pycache__"})


class FileGone(NotFound):
    """There is no such file."""

    code = "file_gone"
    title = "The file does not exist"


class FileNotAllowed(Forbidden):
    """The file lies outside of what the location may read."""

    code = "file_not_allowed"
    title = "This file may not be read"


@dataclass(slots=True)
class Sources:
    """One reading of a location: what was read, and its marks, by which a later reading sees that nothing has changed.

    ``root`` is the folder that files may be read from, None where no files of this machine may. ``local_git`` lets
    addresses name repositories on this machine, and ``repository`` has credentials for one repository.

    Marks are hashes of files, or ``etag …`` where the host names versions; commits under ``git:``; lists of folders
    under ``list:``. Those under ``in:`` name what was read of a commit, so that it is known which files count.
    """

    root: Path | None = None
    local_git: bool = False
    repository: RepositoryReader | None = None
    marks: dict[str, str] = field(default_factory=dict)
    _checkouts: dict[tuple[str, str], Path] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Sources:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def files(self, location: LocationRef) -> Iterator[LocationRef]:
        """The files that a location stands for: itself, those that its pattern fits, or those of its folder."""
        if location.type == "file":
            yield from self._local_files(location)
        elif location.type == "url":
            yield from self._remote_files(location)
        else:
            raise Invalid(f"Locations of the type “{location.type}” are not known; use url.")

    def read(self, location: LocationRef) -> bytes:
        """The bytes of one file; raises a ``PortalError`` that says why it cannot be read."""
        if location.type == "file":
            content = _bytes_of(self._inside(Path(location.target)))
            self.marks[str(location)] = _hash(content)
            return content
        if location.type != "url":
            raise Invalid(f"Locations of the type “{location.type}” are not known; use url.")
        source = self._source(location)
        if self._is_committed(source):
            self.marks[f"in:{location}"] = ""
            return _bytes_of(self._in_checkout(source))
        content, version = self._fetched(source)
        self.marks[str(location)] = version
        return content

    def _is_committed(self, source: SourceUrl) -> bool:
        return not source.raw_url

    def _fetched(self, source: SourceUrl) -> tuple[bytes, str]:
        content, version = self._fetch(source)
        return content or b"", version

    def _fetch(self, source: SourceUrl, known: str = "") -> tuple[bytes | None, str]:
        """Content and version of a file that a host serves; no content where ``known`` still is its version."""
        etag = known.removeprefix(_ETAG) if known.startswith(_ETAG) else ""
        if self.repository is not None and self.repository.covers(source):
            content, found = self.repository.read(source, etag)
        else:
            answer = fetch.from_settings().read(source.raw_url, etag=etag)
            content, found = None if answer.not_modified else answer.body, answer.etag
        if content is None:
            return None, known
        return content, f"{_ETAG}{found}" if found else _hash(content)

    def _source(self, location: LocationRef) -> SourceUrl:
        source = parse_source_url(location.target)
        # SECURITY: only operators name repositories and files of this machine.
        if not source.host and not self.local_git:
            raise FileNotAllowed("Addresses on the portal's own machine are registered by operators only.")
        if source.provider == "local":
            raise FileNotAllowed("A file:// address must name a repository: file:///path/name.git/blob/main/file.yaml")
        return source

    def _inside(self, path: Path) -> Path:
        if self.root is None:
            raise FileNotAllowed("Files of the portal's own machine are registered by operators only.")
        # SECURITY: links are followed before the folder is compared, so that none leads out of it.
        found = path.resolve()
        if not found.is_relative_to(self.root):
            raise FileNotAllowed(f"{path} is outside of {self.root}, the folder of this location.")
        return found

    def _local_files(self, location: LocationRef) -> Iterator[LocationRef]:
        path = Path(location.target)
        if is_glob(location):
            found = sorted(self._inside_only(_glob(path)))
        elif self._inside(path).is_dir():
            found = sorted(_entity_files(self._inside(path)))
        else:
            yield location
            return
        self.marks[f"list:{location}"] = _hash("\n".join(map(str, found)).encode())
        for each in found:
            yield LocationRef("file", str(each))

    def _inside_only(self, paths: Iterator[Path]) -> Iterator[Path]:
        for path in paths:
            if self.root is not None and path.resolve().is_relative_to(self.root) and path.is_file():
                yield path

    def _remote_files(self, location: LocationRef) -> Iterator[LocationRef]:
        source = self._source(location)
        if not source.repo_url or (source.kind in ("file", "any") and not is_glob(location)):
            yield location
            return
        self.marks[f"in:{location}"] = ""
        # Without a ref the address names the default branch, which has its name only in the repository.
        folder = self._checkout(source)
        if is_glob(location):
            chosen = [path for path in _walk(folder) if glob_matches(source.path, path.relative_to(folder).as_posix())]
        else:
            chosen = list(_entity_files(safe_join(folder, source.path) if source.path else folder))
        for path in sorted(chosen):
            yield LocationRef("url", self._address(source, path.relative_to(folder).as_posix()))

    def _address(self, source: SourceUrl, path: str) -> str:
        if source.ref:
            return source.at(path, "file")
        named = SourceUrl(source.url, source.host, source.provider, "file", source.repo_url, self._default_ref(source))
        return named.at(path, "file")

    def _default_ref(self, source: SourceUrl) -> str:
        return git.from_settings().ls_remote(source.repo_url, token=self._token(source.repo_url)).default_branch

    def _token(self, remote: str) -> str:
        """The credentials for a repository; none for all but the one that they are meant for."""
        is_covered = self.repository is not None and self.repository.covers(SourceUrl("", "", "git", "any", remote))
        return self.repository.token if self.repository is not None and is_covered else ""

    def _in_checkout(self, source: SourceUrl) -> Path:
        folder = self._checkout(source)
        return safe_join(folder, source.path)

    def _checkout(self, source: SourceUrl) -> Path:
        ref = source.ref or self._default_ref(source)
        key = (source.repo_url, ref)
        if key not in self._checkouts:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="catalog-")))
            taken = git.from_settings().checkout(
                source.repo_url, into=folder, ref=ref, token=self._token(source.repo_url)
            )
            self.marks[f"git:{source.repo_url}@{ref}"] = taken.commit
            self._checkouts[key] = folder
        return self._checkouts[key]

    def still_hold(self, marks: dict[str, str]) -> bool:
        """Whether everything that was read then is the same now. Raises as ``read`` does."""
        return bool(marks) and all(self._mark_now(name, value) == value for name, value in marks.items())

    def _mark_now(self, name: str, known: str) -> str:
        if name.startswith("in:"):
            return known
        if name.startswith("git:"):
            remote, _, ref = name.removeprefix("git:").rpartition("@")
            return git.from_settings().resolve_ref(remote, ref, token=self._token(remote))
        if name.startswith("list:"):
            list(self.files(LocationRef.parse(name.removeprefix("list:"))))
            return self.marks.get(name, "")
        location = LocationRef.parse(name)
        if location.type == "url" and not self._is_committed(source := self._source(location)):
            return self._fetch(source, known)[1]
        self.read(location)
        return self.marks.get(name, "")


def local_root(path: Path) -> Path:
    """The folder that a file location may read: itself, or the one that the file lies in."""
    fixed = Path(re.split(r"[*?\[{]", str(path), maxsplit=1)[0] or "/")
    if is_glob(LocationRef("file", str(path))) and not str(path)[: len(str(fixed))].endswith("/"):
        fixed = fixed.parent
    found = fixed.resolve()
    return found if found.is_dir() else found.parent


def _glob(pattern: Path) -> Iterator[Path]:
    root = local_root(pattern)
    for path in _walk(root):
        if glob_matches(str(pattern), str(path)):
            yield path


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder without following links to folders, which may lead in circles."""
    count = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        for name in names:
            count += 1
            if count > MAX_FILES * 10:
                raise TooLarge(f"{folder} holds more than {MAX_FILES * 10} files; name the catalog files in it.")
            yield Path(where) / name


def _entity_files(folder: Path) -> Iterator[Path]:
    """The catalog files of a folder: those that are named so, and other YAML files that hold entities."""
    count = 0
    for path in _walk(folder):
        if _YAML_FILE.fullmatch(path.name) and (_CATALOG_FILE.fullmatch(path.name) or _holds_entities(path)):
            count += 1
            if count > MAX_FILES:
                raise TooLarge(f"{folder} holds more than {MAX_FILES} catalog files.")
            yield path


def _holds_entities(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size > MAX_FILE:
        return False
    return _ENTITY_LINE.search(path.read_bytes()) is not None


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():
        raise FileGone(f"There is no file {path.name}.")
    if path.stat().st_size > MAX_FILE:
        raise TooLarge(f"{path.name} is larger than {MAX_FILE // 1024 // 1024} MB.")
    return path.read_bytes()


def _hash(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def as_file_location(text: str, base: Path) -> LocationRef:
    """What somebody types at a command line: a path as a file location, an address as a url location."""
    if urlsplit(text).scheme in ("http", "https"):
        return LocationRef("url", text)
    if text.startswith("file://"):
        parsed = parse_source_url(text)
        return (
            LocationRef("url", text) if parsed.provider == "git" else LocationRef("file", unquote(urlsplit(text).path))
        )
    return LocationRef("file", str((base / text).absolute()))
