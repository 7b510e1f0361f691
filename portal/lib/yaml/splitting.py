"""Cuts a text at its document markers, so that a mistake in one document does not hide the others.

A line that begins with ``---`` or ``...`` ends whatever came before it, in a quoted text just as anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKER = re.compile(r"^(---|\.\.\.)(?=[ \t\n]|\Z)", re.MULTILINE)
# A line that is neither blank nor a comment nor a directive.
_CONTENT = re.compile(r"^(?![ \t]*(?:#|$)|%).", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one document, with the directives and comments before it; ``line`` (from 0) is where it begins."""

    line: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")


def split(text: str) -> Iterator[Piece]:
    """The documents of ``text``, in order. Comments and directives without a document after them are none."""
    start = line = 0
    is_document = False
    for marker in _MARKER.finditer(text):
        piece = text[start : marker.start()]
        starts_document = marker[1] == "---"
        if is_document or _CONTENT.search(piece):
            yield Piece(line, piece)
        elif starts_document:
            # What came before are directives and comments of the document that begins here.
            is_document = True
            continue
        line += piece.count("\n")
        is_document = starts_document
        start = marker.start() if starts_document else marker.end()
    if is_document or _CONTENT.search(text, start):
        yield Piece(line, text[start:])
