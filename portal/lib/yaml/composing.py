"""Builds values from the events of libyaml, under limits.

Own composer because none of the ready ones reads the core schema of YAML 1.2, refuses repeated keys and counts what
aliases repeat before repeating it. PERF: the scanner is C; this loop sees each value once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from yaml import CBaseLoader
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from portal.lib.yaml.documents import Limits, Problem, Yaml
from portal.lib.yaml.indentation import stray_flow_line, stray_line
from portal.lib.yaml.keys import key_text
from portal.lib.yaml.scalars import plain_value, tagged_value
from portal.lib.yaml.splitting import Piece
from portal.lib.yaml.wording import in_plain_words

# The stubs know only the base class of the events, which has none of the attributes that matter.
Event = Any


class Refused(Exception):
    """The document can not be read; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Composer:
    """Composes one document at a time; the count of values goes on from document to document.

    ``show`` is a table of characters to put in place of others in every text.
    """

    def __init__(self, limits: Limits, show: dict[int, int] | None = None) -> None:
        self.limits = limits
        self.nodes = 0
        self._show = show

    def compose(self, piece: Piece) -> tuple[int, Yaml]:
        """The line on which the content of the only document in ``piece`` begins, and its value.

        Raises ``Refused`` for every mistake and every exceeded limit.
        """
        self._piece = piece
        self._anchors: dict[str, tuple[Yaml, int] | None] = {}
        self._expanded = self._brackets = self._last_line = 0
        # Of the loader, only the scanner and parser are used: its events carry every text unresolved.
        self._next: Callable[[], Event] = CBaseLoader(piece.text).get_event
        try:
            return self._document()
        except MarkedYAMLError as error:
            raise Refused(in_plain_words(error, piece.line + 1)) from error

    def _document(self) -> tuple[int, Yaml]:
        self._next()  # the stream begins
        self._next()  # the document begins
        event = self._next()
        value = self._value(event, 0, -1)
        self._next()  # the document ends
        self._next()  # the stream ends; libyaml complains here about text that follows
        return self._piece.line + event.start_mark.line + 1, value

    def _value(self, event: Event, depth: int, column: int) -> Yaml:
        """The value that begins with ``event``, in a block that begins in ``column`` (-1: in none)."""
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event, depth)
        self.nodes += 1
        if event.anchor is None:
            return self._scalar(event, column) if kind is ScalarEvent else self._collection(event, depth, column)
        before = self.nodes + self._expanded
        self._anchors[event.anchor] = None
        value = self._scalar(event, column) if kind is ScalarEvent else self._collection(event, depth, column)
        self._anchors[event.anchor] = (value, self.nodes + self._expanded - before + 1)
        return value

    def _scalar(self, event: Event, column: int) -> Yaml:
        text: str = event.value if self._show is None else event.value.translate(self._show)
        if event.style:
            if event.style in "\"'" and column >= 0 and not self._brackets:
                self._check_quoted(event, column)
        elif event.tag is None:
            return plain_value(text)
        return text if event.tag is None or event.tag == "!" else tagged_value(event.tag, text)

    def _collection(self, event: Event, depth: int, column: int) -> Yaml:
        self._check_depth(event, depth)
        if self.nodes > self.limits.nodes:
            self._refuse(event, f"the text holds more than {self.limits.nodes:,} values", exceeds=True)
        compose = self._mapping if type(event) is MappingStartEvent else self._sequence
        if not event.flow_style:
            return compose(depth + 1, event.start_mark.column)
        self._brackets += 1
        value = compose(depth + 1, column)
        self._brackets -= 1
        if column >= 0 and not self._brackets:
            self._check_brackets(event, column)
        return value

    def _sequence(self, depth: int, column: int) -> Yaml:
        values: list[Yaml] = []
        take, append, compose = self._next, values.append, self._value
        while type(event := take()) is not SequenceEndEvent:
            append(compose(event, depth, column))
        self._closed(event)
        return values

    def _mapping(self, depth: int, column: int) -> Yaml:
        values: dict[str, Yaml] = {}
        take, compose = self._next, self._value
        while type(event := take()) is not MappingEndEvent:
            key = compose(event, depth, column)
            if type(key) is not str:
                key = key_text(key)
            if key in values:
                self._refuse(event, f"the key {key!r} stands more than once in the same mapping; keep one of them")
            values[key] = compose(take(), depth, column)
        self._closed(event)
        return values

    def _closed(self, end: Event) -> None:
        self._last_line = end.start_mark.line

    def _alias(self, event: Event, depth: int) -> Yaml:
        name = event.anchor
        if name not in self._anchors:
            self._refuse(event, f"the alias *{name} names an anchor that is not set before it")
        anchored = self._anchors[name]
        if anchored is None:
            self._refuse(event, f"the alias *{name} stands inside the value that it repeats")
        value, size = anchored
        self._expanded += size
        if self._expanded > self.limits.expanded:
            self._refuse(event, f"the aliases repeat more than {self.limits.expanded:,} values", exceeds=True)
        return self._copied(value, event, depth)

    def _copied(self, value: Yaml, event: Event, depth: int) -> Yaml:
        """A copy that shares nothing that can change, so that a change in one place does not show in another."""
        if not isinstance(value, (dict, list)):
            return value
        self._check_depth(event, depth)
        if isinstance(value, dict):
            return {key: self._copied(item, event, depth + 1) for key, item in value.items()}
        return [self._copied(item, event, depth + 1) for item in value]

    def _check_depth(self, event: Event, depth: int) -> None:
        if depth >= self.limits.depth:
            self._refuse(event, f"the values are nested more than {self.limits.depth} levels deep", exceeds=True)

    def _check_quoted(self, event: Event, column: int) -> None:
        first, last = event.start_mark.line, event.end_mark.line
        if first != last:
            self._refuse_stray(stray_line(self._piece.lines, (first, last), column), "the text in quotes")

    def _check_brackets(self, event: Event, column: int) -> None:
        first, last = event.start_mark.line, self._last_line
        if first != last:
            self._refuse_stray(stray_flow_line(self._piece.lines, (first, last), column), "what stands in brackets")

    def _refuse_stray(self, line: int | None, what: str) -> None:
        if line is not None:
            message = f"{what} goes on here, left of where it may; indent it more than the key that it belongs to"
            raise Refused(Problem(self._piece.line + line + 1, 1, message))

    def _refuse(self, event: Event, message: str, *, exceeds: bool = False) -> NoReturn:
        mark = event.start_mark
        raise Refused(Problem(self._piece.line + mark.line + 1, mark.column + 1, message, exceeds))
