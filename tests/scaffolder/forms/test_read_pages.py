from __future__ import annotations

from typing import Any

import pytest

from portal.lib.errors import Invalid
from scaffolder.forms.schemas import read_pages


def test_it_reads_one_schema_as_one_page() -> None:
    (page,) = read_pages({"title": "Name it", "description": "All *about* it", "properties": {"a": {}}})
    assert (page.number, page.title, page.description) == (1, "Name it", "All *about* it")


def test_it_reads_a_list_as_pages() -> None:
    pages = read_pages([{"properties": {}}, {"title": "Second"}])
    assert [(page.number, page.title) for page in pages] == [
        (1, "Please enter the following information"),
        (2, "Second"),
    ]


@pytest.mark.parametrize("parameters", [None, [], {}])
def test_it_reads_a_template_that_asks_nothing(parameters: Any) -> None:
    assert read_pages(parameters) == ()


def flagged() -> list[dict[str, Any]]:
    return [
        {"title": "Shown", "required": ["a", "b"], "properties": {"a": {"backstage:featureFlag": "new"}, "b": {}}},
        {"title": "Hidden", "ui:backstage": {"featureFlag": "new"}, "properties": {"c": {}}},
    ]


def test_it_hides_what_waits_for_a_feature_flag() -> None:
    (page,) = read_pages(flagged(), flags=())
    assert (list(page.schema["properties"]), page.schema["required"]) == (["b"], ["b"])
    assert len(read_pages(flagged(), flags=["new"])) == len(read_pages(flagged())) == 2


@pytest.mark.parametrize(
    ("schema", "path", "words"),
    [
        ({"properties": {"a": {"pattern": "("}}}, ["properties", "a", "pattern"], "no regular expression"),
        ({"properties": {"a": {"$ref": "#/no"}}}, ["properties", "a", "$ref"], "#/no, which does not exist"),
        ({"properties": {"a": {"$ref": "https://x.test/y"}}}, ["properties", "a", "$ref"], "never fetched"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, ["properties", "a", "$ref"], "never fetched"),
        ({"properties": {"a": {"$ref": 7}}}, ["properties", "a", "$ref"], "must be a text"),
        ({"properties": {"a": {"enum": "x"}}}, ["properties", "a", "enum"], "of another type"),
        ({"properties": []}, ["properties"], "of another type"),
        ({"allOf": {}}, ["allOf"], "of another type"),
    ],
)
def test_it_says_page_and_place_of_a_mistake(schema: Any, path: list[str], words: str) -> None:
    with pytest.raises(Invalid, match="Page 2 of the form") as caught:
        read_pages([{}, {"title": "Second", **schema}])
    assert (caught.value.data["page"], caught.value.data["path"]) == (2, path)
    assert '("Second")' in caught.value.detail
    assert words in caught.value.detail


@pytest.mark.parametrize("page", ["text", 7, ["x"], None])
def test_it_refuses_a_page_that_is_no_object(page: Any) -> None:
    with pytest.raises(Invalid, match="Page 1 of the form is no object"):
        read_pages([page])


def test_it_refuses_what_is_no_json() -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_pages({"properties": {"a": {"default": object()}}})


def test_it_follows_a_reference_anywhere_on_the_page() -> None:
    page = {
        "properties": {"a": {"$ref": "#/allOf/0/properties/b"}},
        "allOf": [{"properties": {"b": {"type": "string"}}}],
    }
    assert read_pages(page)
    with pytest.raises(Invalid, match="does not exist"):
        read_pages({"properties": {"a": {"$ref": "#/allOf/7"}}, "allOf": [{}]})


def test_it_refuses_a_form_without_end() -> None:
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"properties": {"a": deep}}
    with pytest.raises(Invalid, match="nested deeper"):
        read_pages(deep)


def test_it_refuses_a_default_without_end() -> None:
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(Invalid, match="cannot be used"):
        read_pages({"properties": {"a": {"default": deep}}})


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"properties": {"a": {"required": True}, "b": {"required": False}}}, {"required": ["a"]}),
        ({"required": ["a", "a"]}, {"required": ["a"]}),
        ({"required": "a"}, {}),
        ({"properties": None, "required": None}, {}),
        ({"minLength": "3", "minimum": "2.5", "maxItems": 2.0}, {"minLength": 3, "minimum": 2.5, "maxItems": 2}),
        ({"minimum": 3, "exclusiveMinimum": True}, {"exclusiveMinimum": 3}),
        ({"minimum": 3, "exclusiveMinimum": False}, {"minimum": 3}),
        ({"type": ["string", None]}, {"type": ["string", "null"]}),
        ({"type": "text"}, {}),
        ({"title": 2024, "examples": "x"}, {"title": "2024"}),
        ({"dependencies": {"a": "b"}}, {"dependencies": {"a": ["b"]}}),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://x.test/y"}, {}),
        ({"items": [["odd"], True], "not": "odd"}, {"items": [{}, True], "not": {}}),
        ({"default": None, "const": None}, {"default": None, "const": None}),
    ],
)
def test_it_sets_right_what_backstage_lets_pass(given: dict[str, Any], read: dict[str, Any]) -> None:
    (page,) = read_pages([given])
    assert {key: value for key, value in page.schema.items() if key != "properties"} == read


def test_it_notes_what_it_set_right() -> None:
    (page,) = read_pages({"properties": {"a": {"type": "text"}, "b": {"enum": None}}})
    assert page.notes == (
        (("properties", "a", "type"), "is 'text', which means nothing here, and is ignored"),
        (("properties", "b", "enum"), "is empty and is ignored"),
    )
