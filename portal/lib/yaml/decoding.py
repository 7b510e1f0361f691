"""From bytes to text: which encoding it is, and which characters YAML does not take."""

from __future__ import annotations

import codecs

from portal.lib.errors import Invalid, TooLarge

# The longer marks first: the one of UTF-16 is the beginning of the one of UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32"}


def decode(data: str | bytes, most_bytes: int) -> str:
    r"""The text of ``data`` without byte order mark, with ``\n`` as the only line end and at the end of every line.

    Raises ``TooLarge`` for more than ``most_bytes``, ``Invalid`` for bytes that are no text.
    """
    text = _text(data, most_bytes) if isinstance(data, bytes) else _checked(data, most_bytes)
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or not text else _last_line_ended(text)


def _last_line_ended(text: str) -> str:
    """The text with the end of its last line; blanks alone after the last line end are no line."""
    ended = text.rstrip(" \t")
    return ended if ended.endswith("\n") else f"{text}\n"


def _text(data: bytes, most_bytes: int) -> str:
    _check_size(len(data), most_bytes)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", _guessed(data)))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        place = len(mark) + error.start
        where = f"line {data.count(bytes([10]), 0, place) + 1} holds the byte 0x{data[place]:02x}"
        raise Invalid(f"The text is not {_NAMES[encoding]}: {where}. Save the file as UTF-8.") from error


def _guessed(data: bytes) -> str:
    """The encoding of a text without a mark: the first character of YAML is always one of ASCII."""
    if data[1:2] == b"\0" and data[:1] != b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" and data[1:2] != b"\0" else "utf-8"


def _checked(text: str, most_bytes: int) -> str:
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError as error:
        raise Invalid(
            f"The text holds half a character (U+{ord(text[error.start]):04X}), which cannot be stored."
        ) from error
    _check_size(size, most_bytes)
    return text


def _check_size(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise TooLarge(f"The text has {size:,} bytes; at most {most_bytes:,} are read.", size=size, limit=most_bytes)
