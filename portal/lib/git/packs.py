"""Packs from other hosts: written to disk within a limit and measured before anything is unpacked."""

from __future__ import annotations

import mmap
import zlib
from pathlib import Path
from typing import BinaryIO

from portal.lib.fetch.errors import SourceTooLarge
from portal.lib.git.errors import BrokenRepository
from portal.lib.git.limits import Limits

_OFFSET_DELTA, _REF_DELTA = 6, 7
_HASH = 20
_PIECE = 64 * 1024
# Commits and trees beside the files, and deltas of them.
_OBJECTS_PER_FILE = 4


class PackFile:
    """A file that takes a pack piece by piece; raises SourceTooLarge beyond the limit."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file = file
        self._limits = limits
        self.size = 0

    def write(self, piece: bytes) -> int:
        """Append a piece."""
        self.size += len(piece)
        if self.size > self._limits.max_transfer:
            raise SourceTooLarge(f"The repository is larger than the {self._limits.max_transfer} bytes allowed.")
        return self._file.write(piece)


def check_pack(path: Path, limits: Limits) -> None:
    """Raise SourceTooLarge when what is in the pack would be too much unpacked, BrokenRepository when it is no pack.

    A pack of a few kilobytes can hold objects of gigabytes, directly or as deltas. Here every object is inflated in
    small pieces that are thrown away, only to learn its size.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            _measure(data, limits)
        except (IndexError, zlib.error) as error:
            raise BrokenRepository(f"The repository sent damaged data: {error}") from error


def _measure(data: mmap.mmap, limits: Limits) -> None:
    if data[:4] != b"PACK":
        raise BrokenRepository("The repository sent something that is not a pack of objects.")
    count, position, total = int.from_bytes(data[8:12]), 12, 0
    if count > limits.max_files * _OBJECTS_PER_FILE:
        raise SourceTooLarge(f"The repository has {count} objects; {limits.max_files} files are allowed.")
    for _object in range(count):
        kind, size, position = _header(data, position)
        head, position = _inflate(data, position, size)
        total += _target_size(head) if kind in {_OFFSET_DELTA, _REF_DELTA} else size
        if total > limits.max_bytes:
            raise SourceTooLarge(f"Unpacked, the repository is larger than the {limits.max_bytes} bytes allowed.")


def _header(data: mmap.mmap, position: int) -> tuple[int, int, int]:
    """Type, size and the position of the compressed data of the object at ``position``."""
    byte = data[position]
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    position += 1
    while byte & 0x80:
        byte = data[position]
        size |= (byte & 0x7F) << shift
        shift, position = shift + 7, position + 1
    if kind == _OFFSET_DELTA:
        while data[position] & 0x80:
            position += 1
        position += 1
    elif kind == _REF_DELTA:
        position += _HASH
    return kind, size, position


def _inflate(data: mmap.mmap, position: int, size: int) -> tuple[bytes, int]:
    """The first bytes of an object, and the position behind it; raises zlib.error unless it is ``size`` long."""
    decoder, head, seen = zlib.decompressobj(), b"", 0
    while not decoder.eof:
        piece = data[position : position + _PIECE]
        if not piece:
            raise zlib.error("it ends in the middle of an object")
        made = decoder.decompress(piece, _PIECE)
        position += len(piece) - len(decoder.unconsumed_tail) - len(decoder.unused_data)
        head, seen = head or made[:_HASH], seen + len(made)
        if seen > size:
            raise zlib.error("an object is larger than it says")
    return head, position


def _target_size(delta: bytes) -> int:
    """The size of what a delta makes: the second of the two numbers that it starts with."""
    position = 0
    while delta[position] & 0x80:
        position += 1
    size, shift = 0, 0
    while True:
        position += 1
        size |= (delta[position] & 0x7F) << shift
        if not delta[position] & 0x80:
            return size
        shift += 7
