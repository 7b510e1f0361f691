"""The hints of a schema for its form: ``ui:`` keys, which may also stand inside ``ui:options``."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Schema: TypeAlias = dict[str, Any]

SAME_PLACE: Final = ("anyOf", "oneOf", "allOf")


def split_ui(schema: Schema) -> tuple[Schema, Schema]:
    """Separate a page's schema from its hints, as Backstage's form does. Gives both; the input stays as it is.

    Hints in branches (``anyOf``, ``oneOf``, ``allOf``, ``dependencies``, ``then``, ``else``) land on the same path as
    those outside of them; later ones win.
    """
    hints: Schema = {}
    return _split(schema, hints), hints


def _split(schema: Schema, hints: Schema) -> Schema:
    hints.update({key: value for key, value in schema.items() if key.startswith("ui:")})
    rest = {key: value for key, value in schema.items() if not key.startswith("ui:")}
    if isinstance(rest.get("properties"), dict):
        rest["properties"] = _split_each(rest["properties"], hints)
    if isinstance(rest.get("items"), dict):
        hints["items"] = {}
        rest["items"] = _split(rest["items"], hints["items"])
    for key in SAME_PLACE:
        if isinstance(rest.get(key), list):
            rest[key] = [_split(item, hints) if isinstance(item, dict) else item for item in rest[key]]
    if isinstance(rest.get("dependencies"), dict):
        parts = rest["dependencies"].items()
        rest["dependencies"] = {key: _split(item, hints) if isinstance(item, dict) else item for key, item in parts}
    for key in ("then", "else"):
        if isinstance(rest.get(key), dict):
            rest[key] = _split(rest[key], hints)
    return rest


def _split_each(properties: Schema, hints: Schema) -> Schema:
    rest: Schema = {}
    for name, item in properties.items():
        if isinstance(item, dict) and not isinstance(hints.get(name), dict):
            hints[name] = {}
        rest[name] = _split(item, hints[name]) if isinstance(item, dict) else item
    return rest


def hint(schema: Schema, name: str, default: Any = None) -> Any:
    """Give one hint: ``ui:name`` or, failing that, ``name`` inside ``ui:options``."""
    key = f"ui:{name}"
    if schema.get(key) is not None:
        return schema[key]
    value = options_of(schema).get(name)
    return default if value is None else value


def options_of(schema: Schema) -> Schema:
    """The ``ui:options`` of a field; empty where there are none."""
    options = schema.get("ui:options")
    return options if isinstance(options, dict) else {}


def label_of(schema: Schema, key: str = "") -> str:
    """What people call a field: its title, or its key."""
    title = hint(schema, "title") or schema.get("title")
    return str(title) if title not in (None, "") else key


def feature_flag_of(schema: Schema) -> str | None:
    """The flag that must be on for a page or a field to be shown, in either of its two spellings."""
    backstage = schema.get("ui:backstage")
    flag = backstage.get("featureFlag") if isinstance(backstage, dict) else None
    flag = flag or schema.get("backstage:featureFlag")
    return flag if isinstance(flag, str) else None
