"""API definitions that are spread over files."""

from __future__ import annotations

import pytest

from catalog.entities.bundling import bundle
from catalog.entities.placeholders import substitute
from catalog.entities.refs import LocationRef
from portal.lib.errors import Invalid, NotFound, TooLarge
from portal.lib.yaml import load
from tests.catalog.entities.samples import entity

ROOT = LocationRef("url", "https://example.com/api/openapi.yaml")
FILES = {
    "https://example.com/api/paths/pets.yaml": b"""
get: {responses: {ok: {$ref: '../schemas.yaml#/Pet'}, all: {$ref: '../schemas.yaml#/Pets'}}}
""",
    "https://example.com/api/schemas.yaml": b"""
Pet: {type: object, properties: {parent: {$ref: '#/Pet'}, tag: {$ref: 'openapi.yaml#/components/Tag'}}}
Pets: {type: array, items: {$ref: '#/Pet'}}
a/b: {c~d: found}
""",
    "https://example.com/api/loop.yaml": b"self: {$ref: loop.yaml}\n",
}


def read(location: LocationRef) -> bytes:
    """A reader of the few files above."""
    if location.target not in FILES:
        raise NotFound("there is no such file.")
    return FILES[location.target]


def bundled(text: str) -> object:
    """The bundle of a definition, read back."""
    return load(bundle(text.encode(), ROOT, read))


def test_it_puts_other_files_in() -> None:
    result = bundled("paths: {/pets: {$ref: paths/pets.yaml}}\ncomponents: {Tag: {type: string}}\n")
    pet = {
        "type": "object",
        "properties": {
            "parent": {"$ref": "#/paths/~1pets/get/responses/ok"},
            "tag": {"$ref": "#/components/Tag"},
        },
    }
    pets = {"type": "array", "items": {"$ref": "#/paths/~1pets/get/responses/ok"}}
    assert result == {
        "paths": {"/pets": {"get": {"responses": {"ok": pet, "all": pets}}}},
        "components": {"Tag": {"type": "string"}},
    }


def test_it_leaves_references_within_the_definition() -> None:
    assert bundled("a: {$ref: '#/b'}\nb: {$ref: 'openapi.yaml#/c'}\nc: 1\n") == {
        "a": {"$ref": "#/b"},
        "b": {"$ref": "#/c"},
        "c": 1,
    }


def test_it_follows_escaped_pointers_and_keeps_what_stands_beside() -> None:
    assert bundled("a: {$ref: 'schemas.yaml#/a~1b', more: 1}\nb: {$ref: 'schemas.yaml#/a~1b/c~0d'}\n") == {
        "a": {"c~d": "found", "more": 1},
        "b": "found",
    }


def test_it_does_not_take_properties_named_ref_for_references() -> None:
    assert bundled("properties: {$ref: {type: string}}\n") == {"properties": {"$ref": {"type": "string"}}}


def test_it_ends_on_loops() -> None:
    assert bundled("a: {$ref: 'loop.yaml'}\n") == {"a": {"self": {"$ref": "#/a"}}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {$ref: 'missing.yaml'}", "there is no such file"),
        ("a: {$ref: 'schemas.yaml#/Nope'}", 'the reference "schemas.yaml#/Nope" leads to nothing'),
        ("- a", "the definition is no mapping"),
        ("a: 1\na: 2\n", "line 2, column 1"),
    ],
)
def test_it_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises((Invalid, NotFound)) as error:
        bundled(text)
    assert words in error.value.detail


def test_it_refuses_too_many_files() -> None:
    text = "\n".join(f"k{n}: {{$ref: 'f{n}.yaml'}}" for n in range(300))
    with pytest.raises(TooLarge, match="more than 200 files"):
        bundle(text.encode(), ROOT, lambda _location: b"a: 1")


def test_it_refuses_too_many_references() -> None:
    text = "\n".join(f"k{n}: {{$ref: 'f.yaml#/a/{n}'}}" for n in range(10_001))
    with pytest.raises(TooLarge, match="more than 10,000 references"):
        bundle(text.encode(), ROOT, lambda _location: b"a: [" + b"x," * 10_001 + b"]")


def test_it_follows_places_in_lists() -> None:
    assert load(bundle(b"a: [{$ref: 'f.yaml#/l/1/x'}]", ROOT, lambda _location: b"l: [0, {x: found}]")) == {
        "a": ["found"]
    }


def test_it_refuses_endless_chains() -> None:
    def next_file(location: LocationRef) -> bytes:
        number = int(location.target.rpartition("/")[2] or 0)
        return f"a: {{$ref: '{number + 1}'}}".encode()

    with pytest.raises(TooLarge):
        bundle(b"a: {$ref: '1'}", ROOT, next_file)


@pytest.mark.parametrize("name", ["$openapi", "$asyncapi"])
def test_it_serves_placeholders(name: str) -> None:
    root = b"openapi: 3.0.0\nx: {$ref: schemas.yaml#/a~1b}\n"
    document = entity("API", definition={name: "./openapi.yaml"})
    base = LocationRef("url", "https://example.com/api/info.yaml")
    substituted = substitute(document, base, lambda location: root if location == ROOT else read(location))
    assert load(substituted.entity["spec"]["definition"]) == {"openapi": "3.0.0", "x": {"c~d": "found"}}
    assert substituted.refresh_keys == [
        "url:https://example.com/api/openapi.yaml",
        "url:https://example.com/api/schemas.yaml",
    ]
