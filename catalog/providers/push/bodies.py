"""A JSON body of lists, read item by item, so that a call of any size takes the memory of its largest item."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from catalog.providers.given import Broken
from portal.lib.errors import Invalid, TooLarge

MOST_BYTES = 64 * 1024 * 1024
MOST_ITEM = 4 * 1024 * 1024
DEEPEST = 200
_PIECE = 64 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")
_MARK = re.compile(r'["{}\[\]]')
_IN_TEXT = re.compile(r'["\\]')
_PLAIN = re.compile(r"[^\s,\]}]*")


def read_lists(read: Callable[[int], bytes], names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The items of the lists of a JSON object (RFC 8259), each with the name of its list, as they arrive.

    ``read`` gives so many bytes of the body, and none at its end. An item that is no JSON comes as ``Broken``.
    Raises ``Invalid`` for a body of another shape or a name that is none of ``names``, ``TooLarge`` beyond the limits.
    """
    text = _Text(read)
    text.expect("{", 'The body must be an object like {"' + names[0] + '": […]}.')
    if text.take_if("}"):
        return text.end()
    while True:
        name = _key(text, names)
        text.expect(":", f"There is no colon behind “{name}”.")
        text.expect("[", f"“{name}” must be a list.")
        yield from ((name, item) for item in _items(text, name))
        if text.take_if("}"):
            return text.end()
        text.expect(",", f"Behind the list “{name}” there must be a comma or the end of the body.")


def _key(text: _Text, names: tuple[str, ...]) -> str:
    raw = text.value("the body")
    try:
        name = json.loads(raw)
    except ValueError:
        name = None
    if name not in names:
        raise Invalid(f"The body knows {' and '.join(names)}, but not {raw[:100]}.")
    return str(name)


def _items(text: _Text, name: str) -> Iterator[Any]:
    if text.take_if("]"):
        return
    while True:
        raw = text.value(name)
        try:
            yield json.loads(raw)
        except (ValueError, RecursionError) as error:
            yield Broken(f"This is no JSON: {error}")
        if text.take_if("]"):
            return
        text.expect(",", f"The items of “{name}” must be separated by commas.")


class _Text:
    """The body as text, of which only what is looked at is kept."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._held = ""
        self._at = 0
        self._bytes = 0
        self._is_over = False

    def _more(self) -> bool:
        """Read on; False at the end of the body."""
        if self._is_over:
            return False
        piece = self._read(_PIECE)
        self._bytes += len(piece)
        if self._bytes > MOST_BYTES:
            raise TooLarge(f"The body is larger than {MOST_BYTES // 1024 // 1024} MB; give it in several calls.")
        self._is_over = not piece
        try:
            self._held = self._held[self._at :] + self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise Invalid("The body is not encoded in UTF-8.") from error
        self._at = 0
        return True

    def _next(self) -> str:
        """The next character that is no blank, which stays; empty at the end of the body."""
        while True:
            found = _BLANK.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more():
                return ""

    def expect(self, character: str, complaint: str) -> None:
        """Go past a character. Raises ``Invalid`` with the complaint where another one stands."""
        found = self._next()
        if found != character:
            raise Invalid(f"{complaint} Instead there is {found!r}." if found else f"{complaint} The body ends before.")
        self._at += 1

    def take_if(self, character: str) -> bool:
        """Go past a character if it stands there."""
        if self._next() != character:
            return False
        self._at += 1
        return True

    def end(self) -> None:
        """Raise ``Invalid`` where anything stands behind the end of the object."""
        if self._next():
            raise Invalid("Behind the end of the body there is more text.")

    def value(self, where: str) -> str:
        """The text of the next value, whatever it is. Raises ``Invalid`` where there is none or it does not end."""
        first = self._next()
        if first == "" or first in ",]}:":
            raise Invalid(f"In {where} a value is missing" + (f" before {first!r}." if first else "."))
        if first in '{["':
            length = self._nested(where)
        else:
            while (plain := _PLAIN.match(self._held, self._at)) and plain.end() == len(self._held) and self._more():
                self._check(len(self._held), where)
            length = len(plain[0]) if plain else 0
        found = self._held[self._at : self._at + length]
        self._at += length
        return found

    def _nested(self, where: str) -> int:
        """How long the object, list or text is that begins here; brackets in texts do not count."""
        depth, is_text, place = 0, False, 0
        while True:
            found = (_IN_TEXT if is_text else _MARK).search(self._held, self._at + place)
            if found is None:
                place = len(self._held) - self._at
                self._check(place, where)
                if not self._more():
                    raise Invalid(f"The body ends within an item of {where}.")
                continue
            place = found.end() - self._at
            match found[0]:
                case '"':
                    is_text = not is_text
                case "\\":
                    place += 1  # whatever is escaped is no mark
                    while self._at + place > len(self._held):
                        if not self._more():
                            raise Invalid(f"The body ends within an item of {where}.")
                case "{" | "[":
                    depth += 1
                case _:
                    depth -= 1
            if depth > DEEPEST:
                raise Invalid(f"An item of {where} is nested more than {DEEPEST} levels deep.")
            self._check(place, where)
            if depth <= 0 and not is_text:
                return place

    def _check(self, length: int, where: str) -> None:
        if length > MOST_ITEM:
            raise TooLarge(f"An item of {where} is larger than {MOST_ITEM // 1024 // 1024} MB.")
