"""Files and folders by their address, wherever they are: a web server, a source host, a repository, a local folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from portal.lib.fetch import Fetcher, SourceUrl, parse_source_url, resolve_url
from portal.lib.fetch.errors import BadUrl
from portal.lib.git.errors import FolderNotAllowed, PathMissing
from portal.lib.git.repositories import Git
from portal.lib.paths import copy_entry, copy_tree, safe_join


class SourceReader:
    """Reads what addresses name.

    Local files are read where a ``file://`` address is below one of ``file_roots``, or where a relative address is
    used in a file that is itself local: then it must stay in the folder of that file, or below the same root.
    Repositories on this machine are read where the address is relative to a file in the same repository; with
    ``local_git`` also by their own address.
    """

    def __init__(self, fetcher: Fetcher, git: Git, *, file_roots: Sequence[Path] = (), local_git: bool = False) -> None:
        self._fetcher = fetcher
        self._git = git
        self._roots = [root.resolve() for root in file_roots]
        self._local_git = local_git

    def read_file(self, url: str, *, base_url: str = "", token: str = "") -> bytes:
        """The bytes of one file. Raises the errors of ``Fetcher.read``, ``Git.checkout`` and ``resolve_url``."""
        source = self._source(url, base_url)
        if source.provider == "local":
            return _bytes_of(self._local(source, base_url))
        if source.raw_url and not token:
            return self._fetcher.read(source.raw_url).body
        if source.provider == "plain":
            return self._fetcher.read(source.url, _bearer(token)).body
        with tempfile.TemporaryDirectory(prefix="file-") as folder:
            self._checkout(source, Path(folder), token)
            return _bytes_of(Path(folder) / source.path.split("/")[-1])

    @contextmanager
    def open_folder(self, url: str, *, base_url: str = "", token: str = "") -> Iterator[Path]:
        """A folder with the files that ``url`` names, for reading; it is gone afterwards unless it is a local one.

        When ``url`` names a file, the folder holds just that file. Errors as in ``read_file``.
        """
        source = self._source(url, base_url)
        if source.provider == "local" and (path := self._local(source, base_url)).is_dir():
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="folder-") as scratch:
            folder = Path(scratch)
            if source.provider == "local":
                copy_entry(path, folder / path.name)
            elif source.provider == "plain":
                name = unquote(urlsplit(source.url).path).split("/")[-1] or "index"
                safe_join(folder, name).write_bytes(self._fetcher.read(source.url, _bearer(token)).body)
            else:
                self._checkout(source, folder, token)
            yield folder

    def copy_folder(self, url: str, into: Path, *, base_url: str = "", token: str = "") -> None:
        """Copy the files that ``url`` names into ``into``, over what is there. Errors as in ``read_file``."""
        with self.open_folder(url, base_url=base_url, token=token) as folder:
            copy_tree(folder, into)

    def _source(self, url: str, base_url: str) -> SourceUrl:
        source = parse_source_url(resolve_url(url, base_url))
        is_own = bool(base_url) and source.repo_url == parse_source_url(base_url).repo_url
        # SECURITY: an author of templates may not read other teams' repositories through this machine.
        if source.repo_url and not source.host and not self._local_git and not is_own:
            raise FolderNotAllowed(f"{source.repo_url} is a repository on this machine, which may not be named here.")
        return source

    def _checkout(self, source: SourceUrl, into: Path, token: str) -> None:
        self._git.checkout(source.repo_url, into=into, ref=source.ref, path_prefix=source.path, token=token)

    def _local(self, source: SourceUrl, base_url: str) -> Path:
        path = Path(source.path).resolve()
        base = urlsplit(base_url)
        folders = list(self._roots)
        if base.scheme == "file":
            folders.append(Path(unquote(base.path)).resolve().parent)
        if not any(path.is_relative_to(folder) for folder in folders):
            raise FolderNotAllowed(f"{source.path} is outside of the folders that may be read.")
        if not path.exists():
            raise PathMissing(f"There is no {path.name!r} beside the file that asks for it.", path=str(path))
        return path


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():
        raise PathMissing(f"{path.name!r} is not a file.", path=path.name)
    return path.read_bytes()


def _bearer(token: str) -> dict[str, str]:
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()):
        raise BadUrl("The token contains characters that no token has.")
    return {"Authorization": f"Bearer {token}"}
