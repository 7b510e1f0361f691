from __future__ import annotations

from typing import Any

from scaffolder.forms.ui import split_ui


def test_it_separates_hints_from_the_schema() -> None:
    page: dict[str, Any] = {
        "title": "Page",
        "ui:order": ["b", "a"],
        "properties": {
            "a": {"type": "string", "ui:widget": "textarea", "ui:options": {"rows": 5}},
            "b": {"type": "number"},
        },
    }
    schema, hints = split_ui(page)
    assert schema == {"title": "Page", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}}
    assert hints == {"ui:order": ["b", "a"], "a": {"ui:widget": "textarea", "ui:options": {"rows": 5}}, "b": {}}
    assert page["properties"]["a"]["ui:widget"] == "textarea"  # what was given stays as it is


def test_it_puts_hints_of_branches_on_the_same_path() -> None:
    schema, hints = split_ui(
        {
            "properties": {"a": {"ui:help": "first", "ui:autofocus": True}},
            "allOf": [{"if": {"properties": {"a": {"const": 1}}}, "then": {"properties": {"b": {"ui:field": "X"}}}}],
            "else": {"properties": {"c": {"ui:help": "c"}}},
            "dependencies": {"a": {"oneOf": [{"properties": {"a": {"ui:help": "second"}}}]}, "d": ["a"]},
        }
    )
    assert hints == {
        "a": {"ui:help": "second", "ui:autofocus": True},
        "b": {"ui:field": "X"},
        "c": {"ui:help": "c"},
    }
    assert "ui:" not in str(schema)


def test_it_separates_hints_of_entries() -> None:
    nested = {"type": "array", "ui:options": {"addable": False}, "items": {"properties": {"k": {"ui:help": "h"}}}}
    assert split_ui({"properties": {"list": nested}})[1] == {
        "list": {"ui:options": {"addable": False}, "items": {"k": {"ui:help": "h"}}}
    }


def test_it_takes_a_property_called_like_a_keyword_for_a_property() -> None:
    assert split_ui({"properties": {"items": {"ui:help": "h"}, "properties": {"ui:help": "p"}}})[1] == {
        "items": {"ui:help": "h"},
        "properties": {"ui:help": "p"},
    }
