"""Refusals of a JSON Schema in plain words, with the description of the field as advice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from catalog.entities.kinds.schemas import Schema
from catalog.entities.refusals import Reason, Refusal, path_of

_KINDS = jsonschema_rs.ValidationErrorKind
_TYPE_NAMES = {
    "string": "a text", "array": "a list", "object": "a mapping", "boolean": "true or false", "number": "a number",
    "integer": "a whole number", "null": "nothing",
}  # fmt: skip


def schema_refusals(
    validator: jsonschema_rs.Draft7Validator, schema: Schema, instance: object, reason: Reason
) -> list[Refusal]:
    """All that ``schema`` finds wrong with ``instance``, in the order of the schema."""
    return [refusal for error in validator.iter_errors(instance) for refusal in _refusals(error, schema, reason)]


def _refusals(error: jsonschema_rs.ValidationError, schema: Schema, reason: Reason) -> Iterator[Refusal]:
    path = list(error.instance_path)
    match error.kind:
        case _KINDS.Required(property=missing):
            yield Refusal(reason, path_of([*path, missing]), f"is missing{_advice(schema, [*path, missing])}")
        case _KINDS.AdditionalProperties(unexpected=unexpected):
            for name in unexpected:
                yield Refusal(reason, path_of([*path, name]), "is not a known field; remove it")
        case kind:
            yield Refusal(reason, path_of(path), f"{_complaint(kind, error)}{_advice(schema, path)}")


def _complaint(kind: object, error: jsonschema_rs.ValidationError) -> str:
    match kind:
        case _KINDS.Type(types=types):
            wanted = " or ".join(_TYPE_NAMES[name] for name in types)
            return f"must be {wanted}, but is {_described(error.instance)}"
        case _KINDS.MinLength() | _KINDS.MinItems():
            return "must not be empty"
        case _KINDS.Enum(options=options):
            return f"must be one of {', '.join(map(repr, options))}, but is {error.instance!r}"
    return f"is not valid: {error.message}"


def _described(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value} (put it in quotes to make it a text)"
        case str():
            return f'the text "{value[:60]}"'
        case list():
            return "a list"
    return "a mapping"


def _advice(schema: Schema, path: list[str | int]) -> str:
    description = _description(schema, path)
    return f"; write {description}" if description else ""


def _description(schema: Schema, path: list[str | int]) -> str:
    here: Any = schema
    for part in path:
        if isinstance(part, int):
            here = here.get("items")
        else:
            here = here.get("properties", {}).get(part) or here.get("additionalProperties")
        if not isinstance(here, dict):
            return ""
    description = here.get("description", "")
    return description if isinstance(description, str) else ""
