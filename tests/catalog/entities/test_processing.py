"""From a document to an entity."""

from __future__ import annotations

from typing import Any

from catalog.entities.locations import MANAGED_BY, MANAGED_BY_ORIGIN
from catalog.entities.processing import process
from catalog.entities.refs import LocationRef
from catalog.entities.refusals import Reason
from tests.catalog.entities.samples import entity

HERE = LocationRef("url", "https://example.com/info.yaml")
ORIGIN = LocationRef("url", "https://example.com/all.yaml")


def no_file(location: LocationRef) -> bytes:
    """A reader for documents that need none."""
    raise AssertionError(location)


def test_it_makes_an_entity() -> None:
    processed = process(entity(dependsOn=["component:b", "component:a"]), HERE, no_file, origin=ORIGIN)
    assert processed.refusals == []
    assert processed.entity["metadata"]["namespace"] == "default"
    assert processed.entity["metadata"]["annotations"][MANAGED_BY] == str(HERE)
    assert processed.entity["metadata"]["annotations"][MANAGED_BY_ORIGIN] == str(ORIGIN)
    assert processed.entity["spec"]["dependsOn"] == ["component:a", "component:b"]
    assert len(processed.relations) == 6


def test_it_puts_files_in_before_it_judges() -> None:
    processed = process(entity("API", definition={"$text": "./a.txt"}), HERE, lambda location: str(location).encode())
    assert processed.entity["spec"]["definition"] == "url:https://example.com/a.txt"
    assert processed.refresh_keys == ["url:https://example.com/a.txt"]


def test_it_stops_at_the_first_stage_that_refuses() -> None:
    assert [refusal.reason for refusal in process({}, HERE, no_file).refusals] == [Reason.ENVELOPE] * 3
    broken = entity("API", definition={"$text": 1}, owner=None)
    assert [refusal.reason for refusal in process(broken, HERE, no_file).refusals] == [Reason.SCHEMA]
    assert process(entity(owner=None), HERE, no_file).relations == []


def test_it_refuses_what_cannot_be_stored_in_documents_and_in_files() -> None:
    (refusal,) = process(entity(name="\ud800", dependsOn=["component:\ud800"]), HERE, no_file).refusals[:1]
    assert "half a character" in str(refusal)
    processed = process(entity(field={"$json": "./x"}), HERE, lambda _location: b'{"a": "\\u0000"}')
    assert [str(refusal) for refusal in processed.refusals] == [
        "spec.field.a holds the character U+0000, which cannot be stored; remove it"
    ]
    assert processed.refresh_keys == ["url:https://example.com/x"]


def test_it_refuses_what_is_no_mapping() -> None:
    document: Any = ["not", "an", "entity"]
    assert [refusal.reason for refusal in process(document, HERE, no_file).refusals] == [Reason.ENVELOPE]
