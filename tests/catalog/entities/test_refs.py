"""References to entities and locations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.entities.refs import EntityRef, LocationRef, is_script_address
from portal.lib.errors import Invalid
from tests.catalog.entities.samples import entity

PARTS = st.text(st.characters(exclude_characters=":/", exclude_categories=["Cs"]), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("foo", "component:team-x/foo"),
        ("api:foo", "api:team-x/foo"),
        ("b/foo", "component:b/foo"),
        ("API:Ns/Foo", "api:ns/foo"),
        ("a/b:c", "component:a/b:c"),
        ("a:b/c/d", "a:b/c/d"),
        ("a:b:c", "a:team-x/b:c"),
        ("Ünï", "component:team-x/ünï"),
    ],
)
def test_it_reads_references_with_defaults(text: str, canonical: str) -> None:
    assert str(EntityRef.parse(text, default_kind="Component", default_namespace="team-x")) == canonical


def test_it_keeps_the_parts_as_they_were_written() -> None:
    assert EntityRef.parse("API:Ns/Foo/Bar") == EntityRef("API", "Ns", "Foo/Bar")
    assert EntityRef.parse("a/b:c", default_kind="K") == EntityRef("K", "a", "b:c")


def test_it_falls_back_to_the_namespace_default() -> None:
    assert str(EntityRef.parse("component:foo")) == "component:default/foo"
    assert str(EntityRef.parse("component:foo", default_namespace="")) == "component:default/foo"


@pytest.mark.parametrize("text", ["", ":b", "a:", "/b", "a:/b", "a:b/", "a/", "/", ":"])
def test_it_refuses_references_with_empty_parts(text: str) -> None:
    with pytest.raises(Invalid, match="with no part empty"):
        EntityRef.parse(text, default_kind="Component")


def test_it_refuses_a_reference_without_a_kind() -> None:
    with pytest.raises(Invalid, match='write for example "component:foo"'):
        EntityRef.parse("foo")


def test_it_names_an_entity() -> None:
    assert str(EntityRef.of(entity(name="Demo"))) == "component:default/demo"
    assert str(EntityRef.of(entity(metadata={"namespace": "Ops"}))) == "component:ops/demo"


@given(PARTS, PARTS, PARTS)
def test_it_reads_back_the_canonical_form(kind: str, namespace: str, name: str) -> None:
    canonical = str(EntityRef(kind, namespace, name))
    assert str(EntityRef.parse(canonical)) == canonical.lower()


@pytest.mark.parametrize(
    ("text", "type_", "target"),
    [
        ("url:https://h/x", "url", "https://h/x"),
        (" file : /a b ", "file", "/a b"),
        ("a:b:c", "a", "b:c"),
    ],
)
def test_it_reads_locations(text: str, type_: str, target: str) -> None:
    location = LocationRef.parse(text)
    assert location == LocationRef(type_, target)
    assert LocationRef.parse(str(location)) == location


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://h/x", "needs a type before the address: url:https://h/x"),
        ("http://h/x", "url:http://h/x"),
        ("nothing", "type:target"),
        (":x", "type:target"),
        ("url:", "type:target"),
        ("url: ", "type:target"),
        ("url:javascript:alert(1)", "javascript: address"),
        ("url: \tJava\nScript:x", "javascript: address"),
    ],
)
def test_it_refuses_other_locations(text: str, words: str) -> None:
    with pytest.raises(Invalid) as error:
        LocationRef.parse(text)
    assert words in error.value.detail


@pytest.mark.parametrize("text", ["javascript:x", " \x00JAVASCRIPT:x", "java\nscri\tpt\r:x", "j\na\nvascript:"])
def test_it_knows_addresses_that_run(text: str) -> None:
    assert is_script_address(text)


@pytest.mark.parametrize("text", ["https://h/javascript:x", "javascript", "xjavascript:", "java script:x", ""])
def test_it_knows_addresses_that_do_not_run(text: str) -> None:
    assert not is_script_address(text)
