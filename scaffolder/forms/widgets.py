"""Which control a field gets, from its schema and its hints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from .ui import Schema, hint


class Widget(StrEnum):
    """The kinds of controls; each is one template."""

    TEXT = "text"
    TEXTAREA = "textarea"
    PASSWORD = "password"  # noqa: S105 - the name of a control
    EMAIL = "email"
    URL = "url"
    COLOR = "color"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    NUMBER = "number"
    RANGE = "range"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    SELECT = "select"
    CHECKBOXES = "checkboxes"
    MULTISELECT = "multiselect"
    HIDDEN = "hidden"
    FILE = "file"
    JSON = "json"
    NOTE = "note"
    GROUP = "group"
    LIST = "list"
    MAP = "map"
    CHOICE = "choice"
    ENTITY = "entity"
    ENTITIES = "entities"
    TAGS = "tags"
    REPO_URL = "repo_url"
    SECRET = "secret"  # noqa: S105 - the name of a control


ENTITY_FIELDS: Final = frozenset({"EntityPicker", "OwnerPicker", "OwnedEntityPicker", "MyGroupsPicker"})
TEXT_FIELDS: Final = frozenset({"EntityNamePicker", "RepoBranchPicker", "RepoOwnerPicker"})
FIELDS: Final[Mapping[str, Widget]] = {
    **dict.fromkeys(ENTITY_FIELDS, Widget.ENTITY),
    **dict.fromkeys(TEXT_FIELDS, Widget.TEXT),
    "MultiEntityPicker": Widget.ENTITIES,
    "EntityTagsPicker": Widget.TAGS,
    "RepoUrlPicker": Widget.REPO_URL,
    "Secret": Widget.SECRET,
}
FORMATS: Final[Mapping[str, Widget]] = {
    "email": Widget.EMAIL,
    "uri": Widget.URL,
    "date": Widget.DATE,
    "date-time": Widget.DATETIME,
    "time": Widget.TIME,
    "color": Widget.COLOR,
    "data-url": Widget.FILE,
    "password": Widget.PASSWORD,
}
WIDGETS: Final[Mapping[str, Mapping[str, Widget]]] = {
    "string": {
        **{widget.value: widget for widget in FORMATS.values()},
        "text": Widget.TEXT,
        "textarea": Widget.TEXTAREA,
        "uri": Widget.URL,
        "hidden": Widget.HIDDEN,
        "radio": Widget.RADIO,
        "select": Widget.SELECT,
        "alt-date": Widget.DATE,
        "alt-datetime": Widget.DATETIME,
    },
    "number": {
        "updown": Widget.NUMBER,
        "range": Widget.RANGE,
        "radio": Widget.RADIO,
        "select": Widget.SELECT,
        "hidden": Widget.HIDDEN,
        "text": Widget.TEXT,
    },
    "boolean": {"radio": Widget.RADIO, "select": Widget.SELECT, "hidden": Widget.HIDDEN},
    "array": {
        "checkboxes": Widget.CHECKBOXES,
        "select": Widget.MULTISELECT,
        "textarea": Widget.ENTITIES,
        "hidden": Widget.HIDDEN,
    },
    "object": {"hidden": Widget.HIDDEN},
}
NEEDS_OPTIONS: Final = frozenset({Widget.RADIO, Widget.SELECT, Widget.CHECKBOXES, Widget.MULTISELECT})
BY_WAS: Final = frozenset({Widget.ENTITY, Widget.ENTITIES, Widget.TAGS, Widget.REPO_URL, Widget.DATETIME, Widget.FILE})
"""Controls that write a value in their own way: one that nobody touched has to stay as it was."""
BY_TYPE: Final[Mapping[str, Widget]] = {
    "string": Widget.TEXT,
    "number": Widget.NUMBER,
    "integer": Widget.NUMBER,
    "boolean": Widget.CHECKBOX,
    "null": Widget.NOTE,
}


def type_of(schema: Schema) -> str:
    """The one type of a field: the first that is not null, or what its other keywords suggest."""
    named = schema.get("type")
    if isinstance(named, list):
        named = next((name for name in named if name != "null"), "null")
    if isinstance(named, str):
        return named
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    values = [value for value, _ in enum_of(schema)] or [schema.get("const", schema.get("default"))]
    kinds = {_type_of_value(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else "string"


def _type_of_value(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return names.get(type(value), "string")


def widget_of(schema: Schema) -> Widget:
    """Choose the control of a settled schema. An unknown ``ui:field`` gets what its type would get."""
    field = schema.get("ui:field")
    kind = type_of(schema)
    known = FIELDS.get(field) if isinstance(field, str) else None
    if known and kind != "object":
        return _for_type(known, kind)
    asked = WIDGETS.get("number" if kind == "integer" else kind, {}).get(str(hint(schema, "widget")))
    has_options = bool(enum_of(schema) or (kind == "array" and enum_of(_items(schema))))
    if asked and (has_options or kind == "boolean" or asked not in NEEDS_OPTIONS):
        return asked
    return _by_schema(schema, kind)


def _for_type(known: Widget, kind: str) -> Widget:
    """A picker on a list picks several, and one that is used on an object has no text to give."""
    if kind == "array" and known is Widget.ENTITY:
        return Widget.ENTITIES
    return known


def _by_schema(schema: Schema, kind: str) -> Widget:
    if kind not in ("array", "boolean") and enum_of(schema):
        return Widget.SELECT
    if kind == "object":
        return _for_object(schema)
    if kind == "array":
        return _for_array(schema)
    if is_mixed(schema):
        return Widget.CHOICE
    by_format = FORMATS.get(str(schema.get("format"))) if kind == "string" else None
    return by_format or BY_TYPE.get(kind, Widget.TEXT)


def _for_object(schema: Schema) -> Widget:
    if is_unknown_field(schema):
        return Widget.JSON
    if any(key in schema for key in ("properties", "oneOf", "anyOf", "allOf", "dependencies", "if")):
        return Widget.GROUP
    return Widget.MAP if schema.get("additionalProperties") else Widget.JSON


def _for_array(schema: Schema) -> Widget:
    items = schema.get("items")
    if is_unknown_field(schema) and items is None:
        return Widget.JSON
    if isinstance(items, dict) and enum_of(items) and schema.get("uniqueItems"):
        return Widget.MULTISELECT
    return Widget.JSON if items is None else Widget.LIST


def is_unknown_field(schema: Schema) -> bool:
    """Whether the form asks for a field that this portal does not have."""
    field = schema.get("ui:field")
    return isinstance(field, str) and field not in FIELDS


def is_mixed(schema: Schema) -> bool:
    """Whether the value may be of several shapes: ``oneOf`` or ``anyOf`` with schemas that are no single values."""
    return "type" not in schema and bool(branches_of(schema)) and not enum_of(schema)


def branches_of(schema: Schema) -> list[Any]:
    """The branches of ``oneOf``, or else of ``anyOf``."""
    branches = schema.get("oneOf") or schema.get("anyOf")
    return branches if isinstance(branches, list) else []


def enum_of(schema: Schema) -> list[tuple[Any, str]]:
    """The allowed values with their labels, from ``enum`` or from branches that are one value each."""
    values = schema.get("enum")
    if isinstance(values, list):
        names = hint(schema, "enumNames") or schema.get("enumNames")
        return [(value, _enum_label(names, i, value)) for i, value in enumerate(values)]
    branches = branches_of(schema)
    if branches and all(isinstance(branch, dict) and single_value(branch) for branch in branches):
        found = [single_value(branch)[0] for branch in branches]
        return [
            (value, str(branch.get("title") or text_of(value))) for value, branch in zip(found, branches, strict=True)
        ]
    return []


def single_value(branch: Schema) -> list[Any]:
    """The value of a branch that allows one only, in a list; else an empty list."""
    if "const" in branch:
        return [branch["const"]]
    values = branch.get("enum")
    return values if isinstance(values, list) and len(values) == 1 else []


def _enum_label(names: Any, index: int, value: Any) -> str:
    if isinstance(names, list) and index < len(names) and names[index] is not None:
        return str(names[index])
    if isinstance(names, dict) and names.get(text_of(value)) is not None:
        return str(names[text_of(value)])
    return text_of(value)


def text_of(value: Any) -> str:
    """A value as the text of an option: texts as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def options_of(schema: Schema) -> list[tuple[str, Any, str]]:
    """The allowed values, each with the text that its option posts and its label."""
    found = enum_of(schema) or _yes_and_no(schema)
    texts = [text_of(value) for value, _ in found]
    if len(set(texts)) < len(texts):  # "1" and 1
        texts = [json.dumps(value) for value, _ in found]
    return [(text, value, label) for text, (value, label) in zip(texts, found, strict=True)]


def is_empty_allowed(schema: Schema) -> bool:
    """Whether the empty text is one of the allowed values."""
    return any(value == "" for value, _ in enum_of(schema))


def _yes_and_no(schema: Schema) -> list[tuple[Any, str]]:
    if type_of(schema) != "boolean":
        return []
    names = hint(schema, "enumNames") or schema.get("enumNames") or ["Yes", "No"]
    return [(value, _enum_label(names, i, value)) for i, value in enumerate((True, False))]


def _items(schema: Schema) -> Schema:
    items = schema.get("items")
    return items if isinstance(items, dict) else {}
