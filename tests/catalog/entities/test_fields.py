"""The ``fields`` parameter."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.fields import parse_fields
from catalog.entities.refs import Entity
from portal.lib.errors import Invalid
from tests.catalog.entities.samples import entity

DEMO: Entity = {
    **entity(
        metadata={
            "annotations": {"example.com/a.b": "dotted", "backstage.io/orphan": "true"},
            "tags": ["java", "web"],
            "nothing": None,
        },
        stages=[{"name": "dev"}, {"name": "prod"}],
    ),
    "relations": [],
}


def projected(*values: str) -> Any:
    """What is left of the entity above."""
    projection = parse_fields(values)
    assert projection is not None
    return projection(DEMO)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("metadata.name",), {"metadata": {"name": "demo"}}),
        (
            ("metadata.name,kind", " spec.type ,,"),
            {"metadata": {"name": "demo"}, "kind": "Component", "spec": {"type": "service"}},
        ),
        (("metadata.annotations.backstage.io/orphan",), {"metadata": {"annotations": {"backstage.io/orphan": "true"}}}),
        (("metadata.annotations.example.com/a.b",), {"metadata": {"annotations": {"example.com/a.b": "dotted"}}}),
        (("metadata.nothing",), {"metadata": {"nothing": None}}),
        (("metadata.tags.1",), {"metadata": {"tags": [None, "web"]}}),
        (("metadata.tags.2", "metadata.tags.java"), {}),
        (("spec.stages.1.name", "spec.stages.0.name"), {"spec": {"stages": [{"name": "dev"}, {"name": "prod"}]}}),
        (("spec.stages.name",), {}),
        (("spec.owner.deeper", "nonexistent", "METADATA.NAME", "a..b"), {}),
        (("relations",), {"relations": []}),
    ],
)
def test_it_keeps_what_is_named(values: tuple[str, ...], expected: Entity) -> None:
    assert projected(*values) == expected


@pytest.mark.parametrize("values", [("metadata", "metadata.name"), ("metadata.name", "metadata")])
def test_it_keeps_a_whole_beside_its_parts(values: tuple[str, ...]) -> None:
    assert projected(*values) == {"metadata": DEMO["metadata"]}


def test_it_does_not_change_the_entity() -> None:
    before = str(DEMO)
    projected(
        "spec.stages", "spec.stages.0.name", "metadata", "metadata.annotations.x", "metadata.tags", "metadata.tags.0"
    )
    assert str(DEMO) == before


@pytest.mark.parametrize("values", [(), (",",), (" , ", ""), ("", "")])
def test_it_keeps_everything_when_nothing_is_named(values: tuple[str, ...]) -> None:
    assert parse_fields(values) is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("",), "Empty value found for query parameter 'fields'"),
        (("metadata.links[0]",), "array type fields are not supported"),
    ],
)
def test_it_refuses_other_paths(values: tuple[str, ...], words: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_fields(values)
    assert words in error.value.detail
