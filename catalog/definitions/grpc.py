"""Protocol Buffers as gRPC uses them: services with their calls, messages and enums.

An outline, not a compiler: comments and texts are set aside, blocks are found by their braces, in one pass.
Rules: the language specification of Protocol Buffers, versions 2 and 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.definitions.outlines import (
    MOST_OPERATIONS,
    MOST_TYPES,
    Anchors,
    Body,
    Described,
    Field,
    Group,
    Operation,
    Outline,
    Shape,
    words,
)

# What is opened and never closed is taken to its end, so that a text is read once, however it is made.
_TOKEN = re.compile(r'//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*+"?|[\w.]+|[{}()<>;=,\[\]]')
_MOST_TOKENS = 200_000
_MOST_FIELDS = 300
_DEEPEST = 12


def read_grpc(text: str) -> Outline:
    """The outline of a ``.proto`` text; what is not understood is left out, the text itself is shown beside it."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._ahead = next(self._tokens, "")
        self._anchors = Anchors()
        self._outline = Outline(format="Protocol Buffers")
        self._known: set[str] = set(re.findall(r"\b(?:message|enum)\s+(\w+)", text)[: MOST_TYPES * 2])
        self._left = MOST_OPERATIONS

    def read(self) -> Outline:
        """Everything at the top of the text."""
        while self._ahead:
            word = self._take()
            if word == "package":
                self._outline.title = words(self._take(), 200)
            elif word == "syntax":
                self._take()
                self._outline.version = words(self._take().strip('"'), 20)
            elif word == "service":
                self._service()
            elif word in ("message", "enum"):
                self._type(word, "", 0)
            elif word == "{":
                self._skip_block()
        if self._left < 0:
            self._outline.notes.append(f"{-self._left} more calls are not shown; the text has them.")
        if len(self._outline.types) >= MOST_TYPES:
            self._outline.notes.append(f"Only the first {MOST_TYPES} types are shown; the text has them all.")
        return self._outline

    def _take(self) -> str:
        word, self._ahead = self._ahead, next(self._tokens, "")
        return word

    def _skip_block(self) -> None:
        """To behind the brace that closes what has been opened."""
        depth = 1
        while depth and self._ahead:
            word = self._take()
            depth += (word == "{") - (word == "}")

    def _statement(self) -> tuple[list[str], str]:
        """The words up to the next ``;`` or brace, and what it was; the rest of a text that ends is left."""
        found: list[str] = []
        while self._ahead:
            word = self._take()
            if word in (";", "{", "}"):
                return found, word
            if len(found) < 60:
                found.append(word)
        return found, ""

    def _service(self) -> None:
        name, _brace = self._statement()
        operations = []
        while self._ahead:
            said, end = self._statement()
            if said[:1] == ["rpc"]:
                self._left -= 1
                if self._left >= 0:
                    operations.append(self._call(name, said))
            if end == "{":
                self._skip_block()
            elif end == "}":
                break
        self._outline.groups.append(Group(words(" ".join(name), 200), "", tuple(operations)))

    def _call(self, service: list[str], said: list[str]) -> Operation:
        name = words(said[1] if len(said) > 1 else "", 200)
        sides = " ".join(said[2:]).partition("returns")
        anchor = self._anchors.of("operation", f"{service} {name}")
        bodies = tuple(
            Body(title, self._shape(side.replace("(", " ").replace(")", " ").split()))
            for title, side in (("takes", sides[0]), ("gives", sides[2]))
        )
        return Operation("rpc", name, anchor, " ".join(said[2:])[:300], tone="running", bodies=bodies)

    def _shape(self, said: list[str]) -> Shape:
        name = said[-1] if said else "nothing"
        short = name.rpartition(".")[2]
        target = self._anchors.of("type", short) if short in self._known else ""
        return Shape(words(" ".join(said) or "nothing", 200), target)

    def _type(self, sort: str, outer: str, depth: int) -> None:
        said, end = self._statement()
        name = said[0] if said else ""
        if end != "{" or depth >= _DEEPEST:
            if end == "{":
                self._skip_block()
            return
        fields: list[Field] = []
        self._body(sort, name, fields, depth, f"{outer}{name}.")
        if len(self._outline.types) < MOST_TYPES:
            values = [field.name for field in fields] if sort == "enum" else []
            notes = (f"one of {', '.join(values)}",) if values else ()
            shape = Shape(sort, notes=notes, fields=() if sort == "enum" else tuple(fields))
            told = words(f"{outer}{name}", 200)
            self._outline.types.append(Described(told, self._anchors.of("type", name), shape, sort))

    def _body(self, sort: str, name: str, fields: list[Field], depth: int, outer: str) -> None:
        """The fields of a block, and the types within it."""
        while self._ahead:
            if self._ahead in ("message", "enum"):
                self._type(self._take(), outer, depth + 1)
                continue
            said, end = self._statement()
            if end == "{" and said[:1] == ["oneof"] and depth < _DEEPEST:
                self._body(sort, name, fields, depth + 1, outer)
            elif end == "{":
                self._skip_block()
            if "=" in said and said[0] not in ("option", "reserved", "extensions") and len(fields) < _MOST_FIELDS:
                fields.append(self._field(said[: said.index("=")]))
            if end == "}":
                return

    def _field(self, said: list[str]) -> Field:
        return Field(words(said[-1], 200), self._shape(said[:-1]), said[0] == "required")


def _tokens(text: str) -> Iterator[str]:
    for number, found in enumerate(_TOKEN.finditer(text)):
        if number >= _MOST_TOKENS:
            return
        if not found[0].startswith(("//", "/*")):
            yield found[0]
