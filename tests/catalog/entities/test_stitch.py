"""The served form of entities."""

from __future__ import annotations

import pytest

from catalog.entities.locations import EDIT_URL, ORPHAN, VIEW_URL
from catalog.entities.relations import Relation
from catalog.entities.stitch import PROCESSING_STATUS, REJECTED_ADDRESS, content_hash, stitch
from tests.catalog.entities.samples import entity


def relation(type_: str, target: str) -> Relation:
    """A relation of the entity that is stitched."""
    return Relation("component:default/demo", type_, target)


def test_it_sorts_relations_and_gives_each_once() -> None:
    relations = [relation("partOf", "b"), relation("ownedBy", "z"), relation("partOf", "a"), relation("ownedBy", "z")]
    served = stitch(entity(), relations, uid="u")
    assert served["relations"] == [
        {"type": "ownedBy", "targetRef": "z"},
        {"type": "partOf", "targetRef": "a"},
        {"type": "partOf", "targetRef": "b"},
    ]


def test_it_has_relations_but_no_status_when_all_is_well() -> None:
    served = stitch(entity(), [], uid="u")
    assert served["relations"] == []
    assert "status" not in served
    assert served["metadata"]["uid"] == "u"


def test_it_shows_errors_as_status() -> None:
    served = stitch(entity(), [], ["it is broken", "twice"], uid="u")
    first, second = served["status"]["items"]
    assert first == {
        "type": PROCESSING_STATUS,
        "level": "error",
        "message": "InputError: it is broken",
        "error": {"name": "InputError", "message": "it is broken"},
    }
    assert second["message"] == "InputError: twice"


def test_it_marks_orphans() -> None:
    assert stitch(entity(), [], uid="u", orphan=True)["metadata"]["annotations"] == {ORPHAN: "true"}
    assert "annotations" not in stitch(entity(), [], uid="u")["metadata"]


@pytest.mark.parametrize("annotation", [VIEW_URL, EDIT_URL])
def test_it_replaces_addresses_that_run(annotation: str) -> None:
    document = entity(metadata={"annotations": {annotation: " Java\nScript:alert(1)", "other": "javascript:x"}})
    annotations = stitch(document, [], uid="u")["metadata"]["annotations"]
    assert annotations == {annotation: REJECTED_ADDRESS, "other": "javascript:x"}


def test_it_gives_the_same_etag_for_the_same_content_alone() -> None:
    one, two = stitch(entity(), [], uid="a"), stitch(dict(reversed(entity().items())), [], uid="b")
    assert one["metadata"]["etag"] == two["metadata"]["etag"]
    assert one["metadata"]["etag"] != stitch(entity(), [relation("a", "b")], uid="a")["metadata"]["etag"]
    assert one["metadata"]["etag"] != stitch(entity(), [], ["x"], uid="a")["metadata"]["etag"]


def test_it_keeps_the_etag_of_the_source() -> None:
    assert stitch(entity(metadata={"etag": "own"}), [], uid="u", etag="given")["metadata"]["etag"] == "own"
    assert stitch(entity(), [], uid="u", etag="given")["metadata"]["etag"] == "given"


def test_it_does_not_change_the_source() -> None:
    document = entity(metadata={"annotations": {VIEW_URL: "javascript:x"}})
    stitch(document, [], uid="u", orphan=True)
    assert document == entity(metadata={"annotations": {VIEW_URL: "javascript:x"}})


def test_it_hashes_regardless_of_order() -> None:
    assert (
        content_hash({"a": 1, "b": [1, 2]})
        == content_hash({"b": [1, 2], "a": 1})
        != content_hash({"b": [2, 1], "a": 1})
    )
