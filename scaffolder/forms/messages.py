"""What is wrong with a value, in plain words, each as the rest of a sentence that starts with the field's label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .patterns import explain_pattern
from .ui import Schema
from .widgets import enum_of, text_of

TYPES: Final = {
    "array": "a list",
    "boolean": "yes or no",
    "integer": "a whole number",
    "null": "empty",
    "number": "a number",
    "object": "a group of values",
    "string": "a text",
}
FORMATS: Final = {
    "date": "a date such as 2025-12-31",
    "date-time": "a date and time such as 2025-12-31T12:00:00Z",
    "email": "an e-mail address",
    "hostname": "a host name",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "regex": "a regular expression",
    "time": "a time such as 12:00:00Z",
    "uri": "an address such as https://example.com",
    "uuid": "a UUID",
}
SHOWN_OPTIONS: Final = 12


def words_for(keyword: str, details: Mapping[str, Any], value: Any, schema: Schema) -> str:
    """Say what a value should have been for the keyword of its schema that refuses it.

    ``details`` are what the checker knows of the keyword, ``schema`` is that of the field.
    """
    if keyword in COUNTS:
        return _count(keyword, int(details["limit"]), value)
    if keyword in BOUNDS:
        return f"must be {BOUNDS[keyword].format(_number(details['limit']))}"
    if keyword in FIXED:
        return FIXED[keyword]
    words = WORDS.get(keyword)
    return words(details, schema) if words else "does not fit"


def own_message(schema: Schema, parent: Schema, key: str, keyword: str) -> str:
    """The template's own message (``errorMessage`` of the field, or of the object around it); ``""`` for none."""
    around = parent.get("errorMessage")
    around = around if isinstance(around, dict) else {}
    if keyword == "required":
        return _text(around.get("required"), key)
    return _text(schema.get("errorMessage"), keyword, "_") or _text(around.get("properties"), key)


def _text(message: Any, *keys: str) -> str:
    if isinstance(message, dict):
        message = next((message[key] for key in keys if key in message), "")
    return message if isinstance(message, str) else ""


FIXED: Final[Mapping[str, str]] = {
    "required": "is required",
    "uniqueItems": "must not have the same entry twice",
    "contains": "lacks an entry that it needs",
    "oneOf": "must fit exactly one of the possibilities",
    "not": "has a value that is not allowed",
    "propertyNames": "has an entry whose name is not allowed",
    "falseSchema": "must not be given",
}
BOUNDS: Final[Mapping[str, str]] = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
}
COUNTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "minLength": ("least", "character", "characters"),
    "maxLength": ("most", "character", "characters"),
    "minItems": ("least", "entry", "entries"),
    "maxItems": ("most", "entry", "entries"),
    "minProperties": ("least", "value", "values"),
    "maxProperties": ("most", "value", "values"),
}


def _count(keyword: str, limit: int, value: Any) -> str:
    word, one, many = COUNTS[keyword]
    return f"must have at {word} {limit} {one if limit == 1 else many} (it has {len(value)})"


def _number(value: Any) -> str:
    return text_of(int(value) if isinstance(value, float) and value.is_integer() else value)


def _type(details: Mapping[str, Any], _schema: Schema) -> str:
    names = sorted(details["types"], key=lambda name: name == "null")
    return f"must be {' or '.join(TYPES.get(name, name) for name in names)}"


def _enum(details: Mapping[str, Any], schema: Schema) -> str:
    labels = [label for _, label in enum_of(schema)] or [text_of(item) for item in details.get("options", [])]
    more = " and others" if len(labels) > SHOWN_OPTIONS else ""
    return f"must be one of {', '.join(labels[:SHOWN_OPTIONS])}{more}" if labels else FIXED["oneOf"]


def _pattern(details: Mapping[str, Any], _schema: Schema) -> str:
    if "pattern" not in details:
        return "cannot be checked: its pattern tries too many ways"
    explained = explain_pattern(details["pattern"])
    return f"must match {details['pattern']}" + (f": {explained}" if explained else "")


def _format(details: Mapping[str, Any], _schema: Schema) -> str:
    name = details["format"]
    return f"must be {FORMATS.get(name, f'of the format {name}')}"


WORDS: Final[Mapping[str, Callable[[Mapping[str, Any], Schema], str]]] = {
    "type": _type,
    "enum": _enum,
    "oneOfValues": _enum,
    "const": lambda details, schema: f"must be {text_of(details['expected_value'])}",
    "pattern": _pattern,
    "format": _format,
    "multipleOf": lambda details, schema: f"must be a multiple of {_number(details['multiple_of'])}",
    "anyOf": lambda details, schema: "must fit one of the possibilities",
}
