"""Reads schemas as forgivingly as Backstage's server does: what it ignores is set right here, with a note.

Draft 7 is strict about keywords of the wrong shape, and templates are full of them: ``required: true`` on a property,
an empty ``properties:``, a number written as text. What would be a guess is an error instead (see ``checking``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from portal.lib.errors import Invalid

from .names import Path
from .patterns import acceptable_pattern
from .ui import Schema

MAX_DEPTH: Final = 64
TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
ONE_SCHEMA: Final = (
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "not",
    "propertyNames",
    "then",
)
MANY_SCHEMAS: Final = ("allOf", "anyOf", "oneOf")
NAMED_SCHEMAS: Final = ("$defs", "definitions", "patternProperties", "properties")
NUMBERS: Final = ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf")
COUNTS: Final = ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties")
TEXTS: Final = ("$comment", "description", "format", "pattern", "title")
FLAGS: Final = ("readOnly", "uniqueItems", "writeOnly")
NULL_IS_A_VALUE: Final = frozenset({"const", "default"})


class Repairer:
    """Walks one page's schema once. ``notes`` gathers what was set right, with the path of each."""

    def __init__(self) -> None:
        self.notes: list[tuple[Path, str]] = []

    def repair(self, schema: Any, path: Path = ()) -> Schema | bool:
        """Give the schema in the shape that draft 7 asks for. Raises Invalid when it is nested too deeply."""
        if len(path) > 3 * MAX_DEPTH:
            raise Invalid(f"The form is nested deeper than {MAX_DEPTH} levels", path=list(path))
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            self._note(path, "is no schema and is ignored")
            return {}
        fixed = {key: value for key, value in schema.items() if self._keeps(key, value, path)}
        self._fix_keywords(fixed, path)
        _lift_required(fixed)
        self._fix_parts(fixed, path)
        return fixed

    def _note(self, path: Path, words: str) -> None:
        self.notes.append((path, words))

    def _keeps(self, key: str, value: Any, path: Path) -> bool:
        if key == "$schema" or (key in ("$id", "id") and isinstance(value, str) and not value.startswith("#")):
            return False
        if value is None and key not in NULL_IS_A_VALUE and not key.startswith("ui:"):
            self._note((*path, key), "is empty and is ignored")
            return False
        return True

    def _fix_keywords(self, schema: Schema, path: Path) -> None:
        for key, fix in FIXES.items():
            if key not in schema:
                continue
            value = schema[key]
            fixed = fix(value)
            if fixed is None:
                del schema[key]
                self._note((*path, key), f"is {value!r}, which means nothing here, and is ignored")
            else:
                schema[key] = fixed
        for side in ("Minimum", "Maximum"):
            self._fix_exclusive(schema, f"exclusive{side}", side.lower())

    def _fix_exclusive(self, schema: Schema, key: str, bound: str) -> None:
        """Draft 4 wrote ``minimum: 3, exclusiveMinimum: true`` for what is ``exclusiveMinimum: 3`` today."""
        if isinstance(schema.get(key), bool) and schema.pop(key) and bound in schema:
            schema[key] = schema.pop(bound)

    def _fix_parts(self, schema: Schema, path: Path) -> None:
        for key in ONE_SCHEMA:
            if key in schema:
                schema[key] = self.repair(schema[key], (*path, key))
        if "items" in schema:
            schema["items"] = self._repair_items(schema["items"], (*path, "items"))
        for key in MANY_SCHEMAS:
            if isinstance(schema.get(key), list):
                schema[key] = [self.repair(item, (*path, key, i)) for i, item in enumerate(schema[key])]
        for key in NAMED_SCHEMAS:
            if isinstance(schema.get(key), dict):
                schema[key] = {n: self.repair(item, (*path, key, n)) for n, item in schema[key].items()}
        if isinstance(schema.get("dependencies"), dict):
            parts = schema["dependencies"].items()
            schema["dependencies"] = {n: self._repair_dependency(d, (*path, "dependencies", n)) for n, d in parts}

    def _repair_items(self, items: Any, path: Path) -> Any:
        if isinstance(items, list):
            return [self.repair(item, (*path, i)) for i, item in enumerate(items)]
        return self.repair(items, path)

    def _repair_dependency(self, dependency: Any, path: Path) -> Any:
        if isinstance(dependency, str):
            return [dependency]
        if isinstance(dependency, list):
            return _texts(dependency)
        return self.repair(dependency, path)


def _lift_required(schema: Schema) -> None:
    """Draft 3 wrote ``required: true`` on the property itself instead of a list beside the properties."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    marked = [name for name, item in properties.items() if isinstance(item, dict) and item.get("required") is True]
    if marked:
        schema["required"] = _texts([*schema.get("required", []), *marked])


def _texts(value: list[Any]) -> list[str]:
    return list(dict.fromkeys(str(item) for item in value if isinstance(item, str | int | float)))


def _type(value: Any) -> Any:
    names = value if isinstance(value, list) else [value]
    named = ["null" if name is None else name for name in names]
    if not named or not all(map(_is_type, named)):
        return None  # one type that nobody knows lets every value pass
    return list(dict.fromkeys(named)) if isinstance(value, list) else named[0]


def _is_type(name: Any) -> bool:
    return isinstance(name, str) and name in TYPES


def _number(value: Any) -> float | int | None:
    if isinstance(value, int | float):  # true is one too, as draft 4 needs it
        return value
    try:
        return int(value) if str(value).strip().lstrip("+-").isdecimal() else float(value)
    except (TypeError, ValueError):
        return None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _required(value: Any) -> list[str] | None:
    if isinstance(value, bool):
        return []  # said on a property, and heard by its parent
    return _texts(value) if isinstance(value, list) else None


FIXES: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(COUNTS, _count),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(FLAGS, _flag),
    "type": _type,
    "required": _required,
    "examples": lambda value: value if isinstance(value, list) else None,
    "pattern": lambda value: acceptable_pattern(str(value)),
}
