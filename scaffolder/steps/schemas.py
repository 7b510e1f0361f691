"""Input against an action's schema: what is wrong, what is merely unknown, and what an output would look like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from portal.lib.errors import Invalid
from scaffolder.steps.base import Action, Input, Schema


def check_input(action: Action, given: Input, *, step: str) -> None:
    """Raise Invalid with a row per field for input that does not fit the action's schema; ``step`` names the step.

    Keys that the schema does not know are no error, see ``unknown_keys``.
    """
    errors = [
        {"field": ".".join(str(part) for part in error.instance_path), "message": error.message}
        for error in _validator(action).iter_errors(given)
    ]
    if errors:
        told = "; ".join(f"{row['field']}: {row['message']}" if row["field"] else row["message"] for row in errors)
        raise Invalid(f"The input of the step {step!r} does not fit {action.id}: {told}", step=step, errors=errors)


@cache
def _validator(action: Action) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(_lenient(action.input_schema))


def _lenient(schema: Any) -> Any:
    """The schema without its refusals of further properties: Backstage's actions gain and lose inputs over time."""
    if isinstance(schema, Mapping):
        return {
            key: _lenient(value)
            for key, value in schema.items()
            if not (key == "additionalProperties" and value is False)
        }
    return [_lenient(item) for item in schema] if isinstance(schema, list) else schema


def unknown_keys(schema: Schema, given: Input) -> list[str]:
    """The keys of an input that the schema does not name."""
    known = {name for part in _parts(schema) for name in part.get("properties", {})}
    is_open = any(part.get("additionalProperties") is not False for part in _parts(schema))
    return [] if is_open else sorted(set(given) - known)


def _parts(schema: Schema) -> list[Schema]:
    """The schema itself, or each of its alternatives."""
    alternatives: list[Schema] = schema.get("anyOf", schema.get("oneOf", [schema]))
    return alternatives


def example_output(schema: Schema | None) -> Any:
    """What a step of a dry run gives whose action was left out: Backstage's example values.

    ``<example>`` for texts, 0 for numbers, false, an empty list, objects of these.
    """
    return {} if schema is None else _example(schema)


def _example(schema: Schema) -> Any:
    if schema.get("examples"):
        return schema["examples"][0]
    match schema.get("type"):
        case "object":
            return {name: _example(part) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [_example(schema["items"])] if schema.get("items") else []
        case "string":
            return "<example>"
        case "number" | "integer":
            return 0
        case "boolean":
            return False
    return "<unknown>"
