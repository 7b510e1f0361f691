"""Bodies of answers, read and unpacked piece by piece, so that neither size nor compression can fill the memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from urllib3 import BaseHTTPResponse

from portal.lib.fetch.errors import SourceTooLarge, SourceUnavailable

PIECE = 64 * 1024
_GZIP = 31


def read_body(raw: BaseHTTPResponse, max_bytes: int) -> bytes:
    """The whole body; raises SourceTooLarge as soon as it is known to exceed ``max_bytes``, packed or unpacked."""
    declared = raw.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise SourceTooLarge(f"The answer is larger than the {max_bytes} bytes allowed.")
    body = bytearray()
    for piece in _unpacked(raw, max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise SourceTooLarge(f"The answer is larger than the {max_bytes} bytes allowed.")
    return bytes(body)


def _unpacked(raw: BaseHTTPResponse, max_bytes: int) -> Iterator[bytes]:
    encoding = raw.headers.get("Content-Encoding", "identity").strip().lower()
    pieces = raw.stream(PIECE, decode_content=False)
    if encoding in {"", "identity"}:
        return iter(pieces)
    if encoding in {"gzip", "x-gzip"}:
        return _gunzipped(pieces, max_bytes)
    raise SourceUnavailable(f"The answer is encoded as {encoding!r}, which was not asked for.")


def _gunzipped(pieces: Iterator[bytes], max_bytes: int) -> Iterator[bytes]:
    packed = 0
    decoder = zlib.decompressobj(_GZIP)
    for piece in pieces:
        packed += len(piece)
        if packed > max_bytes:
            raise SourceTooLarge(f"The answer is larger than the {max_bytes} bytes allowed.")
        waiting = piece
        while waiting:
            yield _inflate(decoder, waiting)
            waiting = decoder.unconsumed_tail
            if decoder.eof and decoder.unused_data:
                # Another member follows; a gzip file may have several.
                waiting, decoder = decoder.unused_data, zlib.decompressobj(_GZIP)
    if not decoder.eof:
        raise SourceUnavailable("The answer ends in the middle of its compressed data.")


def _inflate(decoder: zlib._Decompress, data: bytes) -> bytes:
    try:
        return decoder.decompress(data, PIECE)
    except zlib.error as error:
        raise SourceUnavailable(f"The compressed answer is damaged: {error}") from error
