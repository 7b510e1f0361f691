from __future__ import annotations

from typing import Any

import pytest

from scaffolder.forms.review import review, start_case
from scaffolder.forms.schemas import read_pages


def rows(properties: dict[str, Any], values: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(row.label, row.value) for row in review(values, read_pages({"properties": properties}), **more)]


def test_it_lists_values_in_the_order_of_the_form() -> None:
    pages = read_pages(
        [{"properties": {"b": {"title": "Bee"}, "a": {}}}, {"properties": {"c": {}, "a": {"title": "?"}}}]
    )
    found = review({"extraValue": 1, "c": "3", "a": "1", "b": "2"}, pages)
    assert [(row.page, row.name, row.label, row.value) for row in found] == [
        (1, "b", "Bee", "2"),
        (1, "a", "A", "1"),
        (2, "c", "C", "3"),
        (0, "extraValue", "Extra Value", "1"),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(True, "Yes"), (False, "No"), (None, ""), (["a", 1], "a, 1"), (2.5, "2.5"), ([{"k": 1}], '{"k": 1}')],
)
def test_it_shows_values_to_people(value: Any, shown: str) -> None:
    assert rows({"it": {"title": "It"}}, {"it": value}) == [("It", shown)]


def test_it_shows_the_labels_of_allowed_values() -> None:
    schema = {"enum": ["s", "m"], "enumNames": ["Small", "Medium"]}
    several = {"type": "array", "items": {"oneOf": [{"const": 1, "title": "One"}, {"const": 2}]}}
    assert rows({"it": schema, "more": several}, {"it": "m", "more": [1, 2]}) == [("It", "Medium"), ("More", "One, 2")]


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        ({"ui:backstage": {"review": {"show": False}}}, []),
        ({"ui:backstage": {"review": {"mask": "<hidden>"}}}, [("It", "<hidden>")]),
        ({"ui:backstage": {"review": {"mask": "x", "show": False}}}, [("It", "x")]),
        ({"ui:backstage": {"review": {"mask": True}}}, [("It", "******")]),
        ({"ui:backstage": {"review": {"name": "Its name"}}}, [("Its name", "s3cret")]),
        ({"ui:widget": "password"}, [("It", "******")]),
        ({"ui:options": {"widget": "password"}}, [("It", "******")]),
        ({"format": "password"}, [("It", "******")]),
        ({"ui:field": "Secret"}, [("It", "******")]),
    ],
)
def test_it_honours_what_the_template_wants_of_the_review(hints: Any, expected: list[tuple[str, str]]) -> None:
    assert rows({"it": {"type": "string", "title": "It", **hints}}, {"it": "s3cret"}) == expected


def test_it_lists_a_secret_that_was_entered() -> None:
    properties = {"token": {"ui:field": "Secret"}, "other": {"ui:field": "Secret"}}
    assert rows(properties, {}, secrets={"token"}) == [("Token", "******")]


def test_it_takes_groups_apart() -> None:
    group = {"title": "Box", "properties": {"innerName": {}, "b": {"title": "Bee"}}}
    assert rows({"box": group}, {"box": {"innerName": "x", "b": {"c": 1}}}) == [
        ("Box > Inner Name", "x"),
        ("Box > B > C", "1"),
    ]
    whole = {**group, "ui:backstage": {"review": {"explode": False}}}
    assert rows({"box": whole}, {"box": {"b": 1}}) == [("Box", '{"b": 1}')]


def test_it_masks_inside_of_groups_and_branches() -> None:
    secret = {"properties": {"p": {"ui:widget": "password", "type": "string"}}}
    pages = read_pages({"properties": {"g": secret, "on": {}}, "dependencies": {"on": secret}})
    found = review({"g": {"p": "s3cret"}, "on": "x", "p": "s3cret"}, pages)
    assert "s3cret" not in str(found)


@pytest.mark.parametrize(
    ("key", "words"), [("repoUrl", "Repo Url"), ("aws_region", "Aws Region"), ("HTTPPort2", "HTTP Port 2"), ("é", "É")]
)
def test_it_makes_words_of_a_key(key: str, words: str) -> None:
    assert start_case((key,)) == words
