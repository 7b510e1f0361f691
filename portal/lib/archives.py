"""Folders as bytes and back: tar.gz that is the same for the same files, read with limits and without ways out."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.lib.errors import Invalid, PortalError, TooLarge
from portal.lib.paths import Entry, links_out, remove, safe_join, walk

# What headers and padding of one member may take beside its content.
_OVERHEAD = 8 * 1024
# What reading a damaged archive raises; the last two when one name is both a file and a folder in it.
_DAMAGE = (
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    ValueError,
    FileExistsError,
    NotADirectoryError,
)


class BadArchive(Invalid):
    """The bytes are no archive, or one that may not be unpacked here."""

    code = "bad_archive"
    title = "The archive cannot be used"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold, unpacked."""

    max_bytes: int = 256 * 1024 * 1024
    max_files: int = 20_000


DEFAULT_LIMITS = Limits()


def pack(folder: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Everything below ``folder`` as tar.gz; the same files give the same bytes, whenever and by whom.

    Raises BadArchive for a link that leads out of the folder and for sockets, devices and the like; TooLarge beyond
    the limits.
    """
    if leaving := links_out(folder):
        raise BadArchive(f"The link {leaving[0]} leads out of the folder. Remove it.", links=leaving)
    entries = list(walk(folder))
    _check_size((entry.size for entry in entries if entry.kind == "file"), len(entries), limits)
    raw = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for entry in entries:
            _add(archive, folder, entry)
    return raw.getvalue()


def _add(archive: tarfile.TarFile, folder: Path, entry: Entry) -> None:
    member = tarfile.TarInfo(entry.path)
    if entry.kind == "other":
        raise BadArchive(f"{entry.path} is neither a file nor a folder nor a link.", path=entry.path)
    if entry.kind == "file":
        member.size, member.mode = entry.size, 0o755 if entry.is_executable else 0o644
        with (folder / entry.path).open("rb") as content:
            archive.addfile(member, content)
        return
    member.mode = 0o755
    if entry.kind == "link":
        member.type, member.linkname = tarfile.SYMTYPE, str((folder / entry.path).readlink())
    else:
        member.type = tarfile.DIRTYPE
    archive.addfile(member)


def _check_size(sizes: Iterable[int], files: int, limits: Limits) -> None:
    if files > limits.max_files:
        raise TooLarge(f"{files} files and folders are more than the {limits.max_files} allowed.")
    if sum(sizes) > limits.max_bytes:
        raise TooLarge(f"The files are larger than the {limits.max_bytes} bytes allowed.")


def unpack(data: bytes, into: Path, limits: Limits = DEFAULT_LIMITS) -> None:
    """Write the tar.gz ``data`` into the new or empty folder ``into``.

    Files, folders and links that stay inside are taken; everything else, and every path or link that leaves the
    folder, raises BadArchive; TooLarge beyond the limits. When it raises, nothing of the archive is left behind.
    """
    if into.exists() and any(into.iterdir()):
        raise BadArchive(f"The folder {into.name} is not empty.")
    into.mkdir(parents=True, exist_ok=True)
    try:
        _unpack(data, into, limits)
    except _DAMAGE as error:
        _clear(into)
        raise BadArchive(f"The archive is damaged: {error}") from error
    except PortalError:
        _clear(into)
        raise


def _clear(folder: Path) -> None:
    for child in folder.iterdir():
        remove(child)


def _unpack(data: bytes, into: Path, limits: Limits) -> None:
    links: dict[Path, str] = {}
    count = total = 0
    with (
        gzip.GzipFile(fileobj=io.BytesIO(data)) as unzipped,
        tarfile.open(fileobj=_Bounded(unzipped, limits), mode="r|") as archive,
    ):
        for member in archive:
            count, total = count + 1, total + member.size
            _check_size([total], count, limits)
            _take(archive, member, into, links)
    # SECURITY: links come last, so that no file is ever written through one; they are judged when all are there,
    # since two harmless links together can lead out.
    for path, target in links.items():
        path.symlink_to(target)
    if leaving := links_out(into):
        raise BadArchive(f"The link {leaving[0]} leads out of the archive.", links=leaving)


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path, links: dict[Path, str]) -> None:
    path = safe_join(into, member.name)
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    if path.exists() or path in links:
        raise BadArchive(f"{member.name} is in the archive twice.", path=member.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        links[path] = member.linkname
    elif member.isreg():
        _write(archive.extractfile(member), path, member.mode)
    else:
        raise BadArchive(f"{member.name} is neither a file nor a folder nor a link.", path=member.name)


def _write(content: IO[bytes] | None, path: Path, mode: int) -> None:
    if content is None:
        raise BadArchive(f"{path.name} has no content.")
    with content, path.open("xb") as target:
        while piece := content.read(1024 * 1024):
            target.write(piece)
    path.chmod(0o755 if mode & 0o111 else 0o644)


class _Bounded(io.RawIOBase):
    """The unpacked bytes of an archive, up to what its limits allow; headers count too."""

    def __init__(self, source: gzip.GzipFile, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._left = limits.max_bytes + limits.max_files * _OVERHEAD

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises TooLarge when the archive gives more than it may."""
        piece = self._source.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge(f"Unpacked, the archive is larger than the {self._limits.max_bytes} bytes allowed.")
        return piece
