"""Finds the fields of a page that values belong to."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .checking import follow
from .entries import entry_schema, more_schema, value_schema
from .names import Path
from .resolve import Resolver
from .schemas import PageSchema
from .ui import Schema
from .widgets import Widget, widget_of

DEPTH: Final = 12
BRANCHES: Final = ("allOf", "anyOf", "oneOf")

Place = tuple[Path, Schema, Any]


def active_fields(page: PageSchema, values: Mapping[str, Any]) -> Iterator[Place]:
    """The fields that are there for these values and have one: path, settled schema and value, outer ones first."""
    yield from _inside(Resolver(page.schema), page.schema, dict(values), ())


def _inside(resolver: Resolver, schema: Schema, values: Any, path: Path) -> Iterator[Place]:
    if not isinstance(values, dict):
        return
    active = resolver.active(schema, values, path)
    for key in active.ordered():
        if key in values:
            yield from _at(resolver, active.properties[key], values[key], (*path, key))
    more = more_schema(active.schema)
    for key in values.keys() - active.properties.keys() if more and path else ():
        yield from _at(resolver, value_schema(more or {}), values[key], (*path, key))


def _at(resolver: Resolver, schema: Schema, value: Any, path: Path) -> Iterator[Place]:
    settled = resolver.settle(schema)
    yield path, settled, value
    widget = widget_of(settled)
    if widget is Widget.GROUP:
        yield from _inside(resolver, settled, value, path)
    elif widget is Widget.MAP and isinstance(value, dict):
        for key, item in value.items():
            yield from _at(resolver, value_schema(settled), item, (*path, key))
    elif isinstance(value, list) and "items" in settled:
        for index, item in enumerate(value):
            yield from _at(resolver, entry_schema(settled, index), item, (*path, index))


def schema_at(page: PageSchema, values: Any, path: Path) -> Schema:
    """The settled schema of the field at a path; empty when no field is there now."""
    resolver = Resolver(page.schema)
    schema, value = page.schema, values
    for position, key in enumerate(path):
        if isinstance(key, int):
            schema = entry_schema(schema, key)
            value = value[key] if isinstance(value, list) and key < len(value) else None
        else:
            active = resolver.active(schema, value, path[:position])
            schema = active.properties.get(key) or value_schema(active.schema)
            value = value.get(key) if isinstance(value, dict) else None
        schema = resolver.settle(schema)
    return schema


def dormant_fields(page: PageSchema, values: Mapping[str, Any], field: str) -> Iterator[Place]:
    """Every place where a value meets a definition with this ``ui:field``, whether its branch applies or not."""
    yield from _dormant(page.schema, page.schema, values, (), field, DEPTH)


def _dormant(schema: Any, root: Schema, value: Any, path: Path, field: str, depth: int) -> Iterator[Place]:
    schema = follow(schema, root)
    if depth == 0 or not schema:
        return
    if schema.get("ui:field") == field and path:
        yield path, schema, value
    for part in _parts(schema):
        yield from _dormant(part, root, value, path, field, depth - 1)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _dormant(entry_schema(schema, index), root, item, (*path, index), field, depth - 1)
    properties = schema.get("properties")
    for key, part in properties.items() if isinstance(properties, dict) and isinstance(value, dict) else ():
        if key in value:
            yield from _dormant(part, root, value[key], (*path, key), field, depth - 1)


def _parts(schema: Schema) -> Iterator[Any]:
    for keyword in BRANCHES:
        yield from schema.get(keyword, [])
    yield from (schema.get("then"), schema.get("else"))
    dependencies = schema.get("dependencies")
    yield from dependencies.values() if isinstance(dependencies, dict) else ()


def with_secrets(page: PageSchema, values: dict[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The values with what was entered into Secret fields in its place, only to be checked."""
    if not secrets:
        return values
    whole = copy.deepcopy(values)
    _put_in(Resolver(page.schema), page.schema, whole, secrets, ())
    return whole


def _put_in(resolver: Resolver, schema: Schema, values: dict[str, Any], secrets: Mapping[str, str], path: Path) -> None:
    for key, part in resolver.active(schema, values, path).properties.items():
        settled = resolver.settle(part)
        widget = widget_of(settled)
        if widget is Widget.SECRET and key in secrets:
            values[key] = secrets[key]
        elif widget is Widget.GROUP and isinstance(values.get(key), dict):
            _put_in(resolver, settled, values[key], secrets, (*path, key))
