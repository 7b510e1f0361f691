"""The values that a form starts with."""

from __future__ import annotations

import copy
from collections.abc import Container
from typing import Any, Final

from scaffolder.expressions.values import UNDEFINED

from .names import Path, name_of
from .resolve import Resolver
from .schemas import PageSchema
from .ui import Schema
from .widgets import Widget, type_of, widget_of

ROUNDS: Final = 10
"""How often a default may make another field appear."""


def with_defaults(page: PageSchema, values: dict[str, Any], seen: Container[str], resolver: Resolver) -> dict[str, Any]:
    """Add the defaults of the page's fields that have no value and were not seen yet."""
    filled = _fill_object(resolver, page.schema, values, seen, ())
    return filled if isinstance(filled, dict) else values


def default_of(resolver: Resolver, schema: Schema, path: Path = ()) -> Any:
    """What a field starts with; UNDEFINED when it starts empty."""
    return _fill(resolver, schema, UNDEFINED, frozenset(), path)


def _fill(resolver: Resolver, schema: Schema, value: Any, seen: Container[str], path: Path) -> Any:
    schema = resolver.settle(schema)
    if value is UNDEFINED and name_of(path) not in seen:
        value = copy.deepcopy(schema.get("default", schema.get("const", UNDEFINED)))
        if value is UNDEFINED and type_of(schema) == "null":
            value = None
    if widget_of(schema) is Widget.GROUP and (value is UNDEFINED or isinstance(value, dict)):
        filled = _fill_object(resolver, schema, {} if value is UNDEFINED else value, seen, path)
        return filled if filled or value is not UNDEFINED else UNDEFINED
    if widget_of(schema) is Widget.LIST and isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_fill(resolver, schema["items"], item, seen, (*path, i)) for i, item in enumerate(value)]
    return value


def _fill_object(resolver: Resolver, schema: Schema, value: Any, seen: Container[str], path: Path) -> dict[str, Any]:
    filled: dict[str, Any] = dict(value)
    for _ in range(ROUNDS):
        before = dict(filled)
        for key, part in resolver.active(schema, filled, path).properties.items():
            found = _fill(resolver, part, filled.get(key, UNDEFINED), seen, (*path, key))
            if found is not UNDEFINED:
                filled[key] = found
        if filled == before:
            break
    return filled
