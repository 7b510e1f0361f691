"""What a control says beside its value: limits, notes, whether others depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .checking import follow
from .pickers import MAX_LENGTH
from .ui import Schema, hint
from .widgets import Widget, is_unknown_field, type_of

DEPTH: Final = 8
TYPED: Final = frozenset({Widget.TEXT, Widget.TEXTAREA, Widget.PASSWORD, Widget.EMAIL, Widget.URL, Widget.SECRET})
COUNTED: Final = frozenset({Widget.NUMBER, Widget.RANGE})


def html_attributes(widget: Widget, schema: Schema) -> Mapping[str, str]:
    """The HTML attributes of a control; browsers help with them, the server decides."""
    wanted: dict[str, Any] = {"autocomplete": hint(schema, "autocomplete")}
    if widget in TYPED:
        longest = MAX_LENGTH if schema.get("ui:field") == "EntityNamePicker" else schema.get("maxLength")
        wanted |= {"minlength": schema.get("minLength"), "maxlength": longest}
    if widget in COUNTED:
        wanted |= _number_attributes(widget, schema)
    if widget in (Widget.TEXTAREA, Widget.JSON, Widget.ENTITIES):
        wanted["rows"] = hint(schema, "rows")
    if widget is Widget.FILE:
        wanted["accept"] = hint(schema, "accept")
    if widget in (Widget.SECRET, Widget.PASSWORD):
        wanted["autocomplete"] = wanted["autocomplete"] or "off"
    return {name: str(value) for name, value in wanted.items() if value is not None}


def _number_attributes(widget: Widget, schema: Schema) -> dict[str, Any]:
    lowest, highest = (0, 100) if widget is Widget.RANGE else (None, None)
    step = "1" if type_of(schema) == "integer" else "any"
    return {
        "min": schema.get("minimum", lowest),
        "max": schema.get("maximum", highest),
        "step": schema.get("multipleOf", step),
    }


def note_of(schema: Schema) -> str:
    """What the person should know about a field that cannot be shown as the template wants it."""
    if not is_unknown_field(schema):
        return ""
    return f'The form asks for the field "{schema["ui:field"]}", which is not installed here: enter its value as text.'


def is_disabled(schema: Schema) -> bool:
    """Whether the template switches the field off."""
    return hint(schema, "disabled") is True


def is_readonly(schema: Schema) -> bool:
    """Whether the template shows the field only."""
    return hint(schema, "readonly") is True or schema.get("readOnly") is True


def asked_fields(schema: Any, root: Schema) -> set[str]:
    """The fields of an object that its conditions look at: others appear or vanish with them."""
    return set(_asked(follow(schema, root), root, DEPTH))


def _asked(schema: Schema, root: Schema, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    condition = schema.get("if")
    if isinstance(condition, dict):
        yield from _named(condition)
    inner = [schema.get("then"), schema.get("else"), *schema.get("allOf", [])]
    dependencies = schema.get("dependencies")
    if isinstance(dependencies, dict):
        yield from dependencies
        inner += dependencies.values()
    for branch in (*schema.get("oneOf", []), *schema.get("anyOf", [])):
        inner.append(branch)
        yield from _told_apart(follow(branch, root))
    for part in inner:
        if isinstance(part, dict):
            yield from _asked(follow(part, root), root, depth - 1)


def _named(condition: Schema) -> Iterator[str]:
    yield from condition.get("required", [])
    if isinstance(condition.get("properties"), dict):
        yield from condition["properties"]
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in condition.get(keyword, []):
            yield from _named(part) if isinstance(part, dict) else ()
    if isinstance(condition.get("not"), dict):
        yield from _named(condition["not"])


def _told_apart(branch: Schema) -> Iterator[str]:
    properties = branch.get("properties")
    for name, item in properties.items() if isinstance(properties, dict) else ():
        if isinstance(item, dict) and {"const", "enum"} & item.keys():
            yield name
