"""Where a repository is: an https address, or a folder below one of the operators' roots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dulwich.refs import Ref, check_ref_format

from portal.lib.errors import Invalid
from portal.lib.fetch.errors import BadUrl
from portal.lib.fetch.outgoing import checked_url
from portal.lib.git.errors import BadRemote, FolderNotAllowed
from portal.lib.paths import UnsafePath, safe_join

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SCP_LIKE = re.compile(r"[^/]+@[^/]+:")


@dataclass(frozen=True, slots=True)
class HttpRemote:
    """A repository behind http(s)."""

    url: str


@dataclass(frozen=True, slots=True)
class LocalRemote:
    """A repository in a folder that operators allow; ``path`` is real, without links."""

    path: Path

    @property
    def url(self) -> str:
        """Its address for people and for the catalog."""
        return self.path.as_uri()


def parse_remote(text: str, roots: Sequence[Path]) -> HttpRemote | LocalRemote:
    """What a repository's address means.

    An http(s) URL without credentials; or a ``file://`` URL, an absolute path, or a path relative to the first of
    ``roots``. Raises BadRemote for anything else (ssh, for one), and FolderNotAllowed for folders outside the roots.
    """
    text = text.strip()
    if text.startswith(("http://", "https://")):
        return HttpRemote(_checked(text))
    if text.startswith("file:"):
        return _local(_file_path(text), roots)
    if not text or "\0" in text or _SCHEME.match(text) or _SCP_LIKE.match(text):
        raise BadRemote("The repository must be an https address or a folder that operators allow.")
    return _local(Path(text), roots)


def _checked(text: str) -> str:
    try:
        url = checked_url(text)
    except BadUrl as error:
        raise BadRemote(error.detail) from error
    if url.query or url.fragment:
        raise BadRemote("The address of a repository has no part after '?' or '#'.")
    return url.url.rstrip("/")


def _file_path(text: str) -> Path:
    parts = urlsplit(text)
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/") or "%00" in parts.path:
        raise BadRemote(f"{text!r} is not the address of a local folder.")
    return Path(unquote(parts.path))


def _local(path: Path, roots: Sequence[Path]) -> LocalRemote:
    for root in roots:
        relative = _below(path, root)
        if relative is None:
            continue
        try:
            return LocalRemote(_with_suffix(safe_join(root, relative.as_posix()).resolve()))
        except UnsafePath as error:
            raise FolderNotAllowed(f"{path} leads out of the folders for repositories.") from error
    raise FolderNotAllowed(
        f"{path} is not below a folder for repositories. An operator can allow its folder in GIT_ROOTS."
    )


def _below(path: Path, root: Path) -> Path | None:
    """``path`` relative to ``root``: as it is when it is relative already, None when it is elsewhere or the root."""
    for base in (root, root.resolve()):
        if path.is_relative_to(base):
            path = path.relative_to(base)
            break
    return None if path.is_absolute() or path == Path() else path


def _with_suffix(path: Path) -> Path:
    """The folder itself, or the one that is only missing ``.git`` in its name, as Git finds it."""
    bare = bare_path(path)
    return bare if not path.exists() and bare.is_dir() else path


def bare_path(path: Path) -> Path:
    """The same path with the ending that bare repositories have."""
    return path if path.name.endswith(".git") else path.with_name(f"{path.name}.git")


def branch_ref(branch: str) -> Ref:
    """The full name of a branch; raises Invalid for names that Git does not take."""
    try:
        ref = Ref(f"refs/heads/{branch}".encode())
    except UnicodeEncodeError as error:
        raise Invalid("The name of the branch is not valid Unicode text.") from error
    if branch.startswith("-") or not check_ref_format(ref):
        raise Invalid(f"{branch!r} cannot be the name of a branch.", branch=branch)
    return ref
