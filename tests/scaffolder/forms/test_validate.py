from __future__ import annotations

from typing import Any

import pytest

from scaffolder.forms.schemas import read_pages
from scaffolder.forms.validate import validate


def errors(properties: dict[str, Any], values: dict[str, Any], **page: Any) -> list[tuple[str, str]]:
    found = validate(values, read_pages({"properties": properties, **page}))
    return [(error.field, error.message) for error in found]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "string"}, 7, "Name must be a text"),
        ({"type": ["integer", "null"]}, "x", "Name must be a whole number or empty"),
        ({"minLength": 3}, "ab", "Name must have at least 3 characters (it has 2)"),
        ({"maxLength": 1}, "ab", "Name must have at most 1 character (it has 2)"),
        ({"pattern": "^[a-z]+$"}, "A", "Name must match ^[a-z]+$: lower-case letters"),
        ({"pattern": "^v"}, "A", "Name must match ^v"),
        ({"enum": ["s", "m"], "enumNames": ["Small", "Medium"]}, "x", "Name must be one of Small, Medium"),
        ({"enum": list(range(20))}, "x", "Name must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and others"),
        ({"oneOf": [{"const": 1, "title": "One"}, {"const": 2}]}, 3, "Name must be one of One, 2"),
        ({"const": "x"}, "y", "Name must be x"),
        ({"format": "email"}, "y", "Name must be an e-mail address"),
        ({"minimum": 3}, 2, "Name must be 3 or more"),
        ({"maximum": 3.0}, 4, "Name must be 3 or less"),
        ({"exclusiveMinimum": 3}, 3, "Name must be more than 3"),
        ({"exclusiveMaximum": 3}, 3, "Name must be less than 3"),
        ({"multipleOf": 2}, 3, "Name must be a multiple of 2"),
        ({"minItems": 1}, [], "Name must have at least 1 entry (it has 0)"),
        ({"maxItems": 1}, [1, 2], "Name must have at most 1 entry (it has 2)"),
        ({"uniqueItems": True}, [1, 1], "Name must not have the same entry twice"),
        ({"contains": {"const": 1}}, [2], "Name lacks an entry that it needs"),
        ({"not": {"const": 1}}, 1, "Name has a value that is not allowed"),
        ({"minProperties": 1}, {}, "Name must have at least 1 value (it has 0)"),
        ({"anyOf": [{"const": 1}, {"minimum": 9, "multipleOf": 5}]}, 3, "Name must be 9 or more"),
        ({"errorMessage": "Say it well", "minLength": 5}, "ab", "Say it well"),
        ({"errorMessage": {"minLength": "Longer, please"}, "minLength": 5}, "ab", "Longer, please"),
    ],
)
def test_it_says_in_words_what_is_wrong(schema: dict[str, Any], value: Any, message: str) -> None:
    assert (("name", message)) in errors({"name": {"title": "Name", **schema}}, {"name": value})


def test_it_asks_for_what_is_required_by_its_label() -> None:
    assert errors({"a": {"title": "Name"}}, {}, required=["a", "b"]) == [
        ("a", "Name is required"),
        ("b", "b is required"),
    ]


def test_it_takes_the_templates_own_words_for_what_is_required() -> None:
    page = {"required": ["a"], "errorMessage": {"required": {"a": "Tell us who"}, "properties": {"b": "Odd"}}}
    found = errors({"a": {}, "b": {"type": "string"}}, {"b": 1}, **page)
    assert sorted(found) == [("a", "Tell us who"), ("b", "Odd")]


def test_it_names_the_place_of_an_error_inside_a_value() -> None:
    properties = {
        "box": {
            "properties": {"in.ner": {"type": "string", "title": "Inner"}},
            "required": ["in.ner"],
            "additionalProperties": False,
        },
        "list": {"items": {"type": "integer"}},
    }
    assert sorted(errors(properties, {"box": {"z": 1}, "list": [1, "x"]})) == [
        ("box.in~1ner", "Inner is required"),
        ("box.z", "z is not a field of this form"),
        ("list.1", "Entry 2 must be a whole number"),
    ]


DEPENDENT: dict[str, Any] = {
    "kind": {
        "oneOf": [
            {"properties": {"kind": {"enum": ["a"]}, "x": {"type": "string", "title": "The X"}}, "required": ["x"]},
            {"properties": {"kind": {"enum": ["b"]}, "y": {"type": "integer"}}},
        ]
    }
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"kind": "a"}, [("x", "The X is required")]),
        ({"kind": "b", "y": "q"}, [("y", "y must be a whole number")]),
        ({"kind": "a", "x": "ok"}, []),
        ({}, []),
    ],
)
def test_it_says_what_the_branch_misses_that_was_meant(values: Any, expected: list[tuple[str, str]]) -> None:
    assert errors({"kind": {"enum": ["a", "b"]}}, values, dependencies=DEPENDENT) == expected


def test_it_checks_conditions() -> None:
    rule = {"if": {"properties": {"on": {"const": True}}}, "then": {"required": ["a"]}}
    assert errors({"on": {}}, {"on": True}, allOf=[rule]) == [("a", "a is required")]
    assert errors({"on": {}}, {"on": False}, allOf=[rule]) == []


def test_it_checks_every_page_alone_and_lets_unknown_values_pass() -> None:
    pages = read_pages([{"required": ["a"]}, {"properties": {"b": {"type": "string"}}}])
    found = validate({"b": 1, "other": 2}, pages)
    assert [(error.field, error.page) for error in found] == [("a", 1), ("b", 2)]


def test_it_puts_no_default_in() -> None:
    assert errors({"a": {"default": "x"}}, {}, required=["a"]) == [("a", "a is required")]


SECRET = {"token": {"ui:field": "Secret", "type": "string", "minLength": 6, "title": "Token"}}


@pytest.mark.parametrize(
    ("secret", "expected"),
    [("s3cret", []), ("abc", [("token", "Token must have at least 6 characters (it has 3)")])],
)
def test_it_checks_a_secret_in_the_place_of_its_field(secret: str, expected: list[tuple[str, str]]) -> None:
    pages = read_pages({"properties": SECRET, "required": ["token"]})
    found = validate({}, pages, secrets={"token": secret})
    assert [(error.field, error.message) for error in found] == expected
    assert [error.message for error in validate({}, pages)] == ["Token is required"]


def test_it_checks_a_secret_inside_of_a_group() -> None:
    pages = read_pages({"properties": {"box": {"properties": SECRET, "required": ["token"]}}})
    assert [error.field for error in validate({"box": {}}, pages, secrets={"token": "abc"})] == ["box.token"]
    assert validate({"box": {}}, pages, secrets={"token": "s3cret"}) == []


def test_it_gives_the_errors_that_count_of_a_hopeless_value() -> None:
    assert len(errors({"a": {"items": {"type": "string"}}}, {"a": list(range(1000))})) == 100
