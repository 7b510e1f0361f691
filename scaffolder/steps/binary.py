"""Whether a file is text, judged by its first bytes with the rule that Backstage's skeletons are judged by."""

from __future__ import annotations

_SCANNED = 512
# A character that starts at the end of the scanned bytes may reach this far beyond them.
_RESERVE = 3
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\x00\x00\xfe\xff", b"\xff\xfe\x00\x00", b"\x84\x31\x95\x33", b"\xfe\xff", b"\xff\xfe")
_SUSPICIOUS_PERCENT = 10


def is_binary(data: bytes) -> bool:
    """Whether a file with this content is copied as it is.

    Binary are PDF files, those with a NUL byte, and those where more than a tenth of the scanned bytes are neither
    printable nor part of UTF-8; a byte order mark says that it is text.
    """
    if data.startswith(b"%PDF-"):
        return True
    if not data or data.startswith(_TEXT_MARKS):
        return False
    head = data[: _SCANNED + _RESERVE]
    if b"\0" in head[:_SCANNED]:
        return True
    return _suspicious(head) * 100 > len(head) * _SUSPICIOUS_PERCENT


def _suspicious(head: bytes) -> int:
    """How many of the scanned bytes belong to no text."""
    count = position = 0
    while position < min(len(head), _SCANNED):
        byte = head[position]
        length = 1 if _is_plain(byte) else _sequence(head, position)
        count += length == 0
        position += max(length, 1)
    return count


def _is_plain(byte: int) -> bool:
    return 7 <= byte <= 14 or 32 <= byte <= 127


def _sequence(head: bytes, position: int) -> int:
    """The length of the UTF-8 sequence at a position, 0 when there is none."""
    first = head[position]
    length = 2 if 0xC0 <= first <= 0xDF else 3 if 0xE0 <= first <= 0xEF else 4 if 0xF0 <= first <= 0xF7 else 0
    rest = head[position + 1 : position + length]
    return length if length and len(rest) == length - 1 and all(0x80 <= byte <= 0xBF for byte in rest) else 0
