"""The entries of lists and maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from scaffolder.expressions.values import UNDEFINED

from .defaults import default_of
from .names import Path
from .resolve import MAX_LEVELS, Resolver
from .ui import Schema, hint
from .widgets import Widget, widget_of

MOST_EMPTY: Final = 50
"""How many empty entries a list shows at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to show; ``key`` belongs to maps."""

    schema: Schema
    value: Any
    key: str | None = None
    is_removable: bool = True
    is_movable: bool = True


def entry_schema(schema: Schema, index: int) -> Schema:
    """The schema of one entry of a list; the first ones may each have their own."""
    items = schema.get("items", {})
    if not isinstance(items, list):
        return items if isinstance(items, dict) else {}
    part = items[index] if index < len(items) else schema.get("additionalItems", {})
    return part if isinstance(part, dict) else {}


def value_schema(schema: Schema) -> Schema:
    """The schema of a map's values; texts where it does not say."""
    more = schema.get("additionalProperties")
    return more if isinstance(more, dict) and more else {"type": "string"}


def more_schema(schema: Schema) -> Schema | None:
    """The map of the names that an object allows beside its own, as a schema; None when it names no such map."""
    more = schema.get("additionalProperties")
    if not more:
        return None
    return {"type": "object", "additionalProperties": more, "title": "Other entries"}


def fixed_count(schema: Schema) -> int:
    """How many entries a list always has, each with its own meaning."""
    items = schema.get("items")
    return len(items) if isinstance(items, list) else 0


def entries_of(resolver: Resolver, schema: Schema, value: Any, path: Path) -> list[Entry]:
    """The entries to show: those of the value, and empty ones up to the smallest number allowed."""
    removable = hint(schema, "removable", True) is not False
    if len(path) > MAX_LEVELS:
        return []
    if widget_of(schema) is Widget.MAP:
        pairs = value.items() if isinstance(value, dict) else ()
        return [Entry(value_schema(schema), item, key, removable) for key, item in pairs]
    values = list(value) if isinstance(value, list) else []
    fixed = fixed_count(schema)
    for index in range(len(values), max(fixed, min(schema.get("minItems", 0), MOST_EMPTY))):
        values.append(default_of(resolver, resolver.settle(entry_schema(schema, index)), (*path, index)))
    movable = hint(schema, "orderable", True) is not False
    return [
        Entry(
            entry_schema(schema, index),
            UNDEFINED if item is None else item,
            is_removable=removable and index >= fixed,
            is_movable=movable and index >= fixed,
        )
        for index, item in enumerate(values)
    ]
