"""Entities as rows."""

from __future__ import annotations

from typing import Any

from catalog.entities.flatten import Row, conflicting_keys, flatten
from tests.catalog.entities.samples import entity


def rows(**fields: Any) -> set[tuple[str, str | None, str | None]]:
    """The rows below ``spec``."""
    document = {**entity(), "spec": fields}
    return {tuple(row) for row in flatten(document) if row.key.startswith("spec")}  # type: ignore[misc]


def test_it_makes_paths_of_keys() -> None:
    assert rows(a={"b": ["c", {"d": 1}], "E": 7}) == {
        ("spec.a.b", "c", "c"),
        ("spec.a.b.c", "true", "true"),
        ("spec.a.b.d", "1", "1"),
        ("spec.a.e", "7", "7"),
    }


def test_it_has_rows_for_null_but_not_for_what_is_empty() -> None:
    assert rows(null=None, text="", list=[], map={}, zero=0, no=False) == {
        ("spec.null", None, None),
        ("spec.text", "", ""),
        ("spec.zero", "0", "0"),
        ("spec.no", "false", "false"),
    }


def test_it_writes_values_as_javascript_does() -> None:
    values = {row[1] for row in rows(a=1.0, b=2.5, c=1e21, d=True, e="Ünï", f=1e-7)}
    assert values == {"1", "2.5", "1e+21", "true", "ünï", "1e-7"}


def test_it_keeps_the_spelling_beside() -> None:
    assert rows(Owner="TEAM-A", list=["B", "b", 1]) == {
        ("spec.owner", "team-a", "TEAM-A"),
        ("spec.list", "b", "B"),
        ("spec.list.b", "true", "true"),
        ("spec.list", "1", "1"),
    }


def test_it_looks_through_lists_in_lists() -> None:
    assert rows(m=[["a"], [["b"]]]) == {
        ("spec.m", "a", "a"),
        ("spec.m.a", "true", "true"),
        ("spec.m", "b", "b"),
        ("spec.m.b", "true", "true"),
    }


def test_it_measures_values_and_keys() -> None:
    assert rows(a="x" * 200) == {("spec.a", "x" * 200, "x" * 200)}
    assert rows(a="x" * 201) == {("spec.a", None, None)}
    assert rows(a="🚀" * 101) == {("spec.a", None, None)}
    assert rows(**{"k" * 195: 1}) == {(f"spec.{'k' * 195}", "1", "1")}
    assert rows(**{"k" * 196: 1}) == set()
    assert rows(a=["y" * 195]) == {("spec.a", "y" * 195, "y" * 195)}


def test_it_adds_what_every_entity_has() -> None:
    document = {
        **entity(name="Demo", metadata={"etag": "e", "uid": "u-1"}),
        "relations": [
            {"type": "ownedBy", "targetRef": "group:default/a"},
            {"type": "ownedBy", "targetRef": "group:default/b"},
        ],
        "status": {"items": [{"message": "x"}]},
        "attachments": {"a": 1},
        "spec": {"status": "x", "attachments": 1},
    }
    assert set(flatten(document)) == {
        Row("apiversion", "backstage.io/v1alpha1", "backstage.io/v1alpha1"),
        Row("kind", "component", "Component"),
        Row("metadata.name", "demo", "Demo"),
        Row("metadata.namespace", "default", "default"),
        Row("metadata.uid", "u-1", "u-1"),
        Row("relations.ownedby", "group:default/a", "group:default/a"),
        Row("relations.ownedby", "group:default/b", "group:default/b"),
        Row("spec.status", "x", "x"),
        Row("spec.attachments", "1", "1"),
    }


def test_it_gives_no_row_twice() -> None:
    document = entity(tags=["a", "A", "a"], Tags=["a"])
    assert len(flatten(document)) == len({(row.key, row.value) for row in flatten(document)})


def test_it_finds_keys_in_two_spellings() -> None:
    assert conflicting_keys(entity(metadata={"annotations": {"a.b/C": "1", "a.b/c": "2"}}, x=["Y", "y"])) == [
        "metadata.annotations.a.b/c",
        "spec.x.y",
    ]
    assert conflicting_keys(entity()) == []
