"""Questions about entities as a small tree, and whether the rows of an entity (see ``flatten``) answer them with yes.

The two ways in which clients write questions (see ``filter_params`` and ``predicates``) come down to the six nodes
below. Keys and values are in lower case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from catalog.entities.flatten import Row

Filter: TypeAlias = "AllOf | AnyOf | Not | Exists | In | HasPrefix"
# The values of each key; ``None`` stands for null and for values too long to compare.
Index: TypeAlias = Mapping[str, frozenset[str | None]]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of ``filters`` holds; true for none."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of ``filters`` holds; false for none."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``filter`` does not hold; true also for entities that lack the key it asks for."""

    filter: Filter


@dataclass(frozen=True, slots=True)
class Exists:
    """There is a row with ``key``, whatever its value; null exists."""

    key: str


@dataclass(frozen=True, slots=True)
class In:
    """A row with ``key`` has one of ``values``; false for no values."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasPrefix:
    """A row with ``key`` has a value that begins with ``prefix``, taken literally."""

    key: str
    prefix: str


EVERYTHING = AllOf(())
NOTHING = AnyOf(())


def index_rows(rows: Iterable[Row]) -> Index:
    """The rows of one entity by key."""
    values: dict[str, set[str | None]] = {}
    for row in rows:
        values.setdefault(row.key, set()).add(row.value)
    return {key: frozenset(found) for key, found in values.items()}


def matches(filter_: Filter, index: Index) -> bool:
    """Whether ``filter_`` holds for the entity with these rows.

    This is the meaning of the nodes; a translation into SQL must give the same.
    """
    match filter_:
        case AllOf(filters):
            return all(matches(inner, index) for inner in filters)
        case AnyOf(filters):
            return any(matches(inner, index) for inner in filters)
        case Not(inner):
            return not matches(inner, index)
        case Exists(key):
            return key in index
        case In(key, values):
            return not index.get(key, frozenset()).isdisjoint(values)
        case HasPrefix(key, prefix):
            return any(value is not None and value.startswith(prefix) for value in index.get(key, ()))
