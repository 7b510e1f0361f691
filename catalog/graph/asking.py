"""What an address asks of the graph: how far, which way, along which relations, through which kinds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.http import QueryDict

from catalog.graph.pairs import forward_names, pairs
from portal.lib.errors import Invalid

DEEPEST = 5
_MOST_VALUES = 50


class Direction(StrEnum):
    """Which way relations are followed."""

    BOTH = "both"
    OUT = "out"
    IN = "in"


DIRECTION_WORDS = {
    Direction.BOTH: "Both ways",
    Direction.OUT: "What it needs and belongs to",
    Direction.IN: "What needs it and belongs to it",
}


@dataclass(frozen=True)
class Question:
    """``relations`` are names of arrows (see ``pairs``), ``kinds`` are in lower case; empty means all of them."""

    depth: int = 1
    direction: Direction = Direction.BOTH
    relations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def types(self) -> list[str] | None:
        """The types of relations that are followed; None for all."""
        if self.direction is Direction.BOTH and not self.relations:
            return None
        found = []
        for type_, inverse in pairs().items():
            if self.relations and type_ not in self.relations:
                continue
            found += [type_] if self.direction is not Direction.IN else []
            found += [inverse] if self.direction is not Direction.OUT else []
        return found


def question_from(query: QueryDict, depth: int = 1) -> Question:
    """The question of an address: ``depth``, ``direction``, and ``relation`` and ``kind`` as often as wanted.

    Raises ``Invalid`` for a depth that is no number from 1 to 5 and for a direction that does not exist. A relation
    may be named by either of its directions; kinds and relations that nothing has find nothing.
    """
    written = query.get("depth", "") or str(depth)
    if written not in map(str, range(1, DEEPEST + 1)):
        raise _wrong("depth", f"“{written[:20]}” is no depth; use a number from 1 to {DEEPEST}.")
    direction = query.get("direction", "") or Direction.BOTH
    if direction not in list(Direction):
        raise _wrong("direction", f"“{direction[:20]}” is no direction; use {', '.join(Direction)}.")
    forward = forward_names()
    relations = tuple(dict.fromkeys(forward.get(value, value) for value in _values(query, "relation")))
    kinds = tuple(dict.fromkeys(value.lower() for value in _values(query, "kind")))
    return Question(int(written), Direction(direction), relations, kinds)


def _values(query: QueryDict, name: str) -> list[str]:
    return [value for value in query.getlist(name)[:_MOST_VALUES] if value]


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])
