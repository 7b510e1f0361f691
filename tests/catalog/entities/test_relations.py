"""The relations that entities give."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.preparing import prepare
from catalog.entities.refusals import Refused
from catalog.entities.relations import Relation, emit
from tests.catalog.entities.samples import entity


def forward(kind: str, **spec: Any) -> list[tuple[str, str]]:
    """What ``kind:ns/demo`` says about others, type and target."""
    document = prepare(entity(kind, metadata={"namespace": "ns"}, **spec))
    relations = emit(document)
    me = f"{kind.lower()}:ns/demo"
    assert all(me in (relation.source, relation.target) for relation in relations)
    return [(relation.type, relation.target) for relation in relations[::2]]


@pytest.mark.parametrize(
    ("kind", "spec", "type_", "inverse", "target"),
    [
        ("Component", {"owner": "x"}, "ownedBy", "ownerOf", "group:ns/x"),
        ("API", {"owner": "user:x"}, "ownedBy", "ownerOf", "user:ns/x"),
        ("Resource", {"owner": "default/x"}, "ownedBy", "ownerOf", "group:default/x"),
        ("Template", {"owner": "x"}, "ownedBy", "ownerOf", "group:ns/x"),
        ("Component", {"system": "x"}, "partOf", "hasPart", "system:ns/x"),
        ("API", {"system": "x"}, "partOf", "hasPart", "system:ns/x"),
        ("Resource", {"system": "x"}, "partOf", "hasPart", "system:ns/x"),
        ("System", {"domain": "x"}, "partOf", "hasPart", "domain:ns/x"),
        ("Domain", {"subdomainOf": "x"}, "partOf", "hasPart", "domain:ns/x"),
        ("Component", {"subcomponentOf": "x"}, "partOf", "hasPart", "component:ns/x"),
        ("Component", {"providesApis": ["x"]}, "providesApi", "apiProvidedBy", "api:ns/x"),
        ("Component", {"consumesApis": ["x"]}, "consumesApi", "apiConsumedBy", "api:ns/x"),
        ("Component", {"dependsOn": ["resource:x"]}, "dependsOn", "dependencyOf", "resource:ns/x"),
        ("Resource", {"dependsOn": ["Component:a/X"]}, "dependsOn", "dependencyOf", "component:a/x"),
        ("Component", {"dependencyOf": ["component:x"]}, "dependencyOf", "dependsOn", "component:ns/x"),
        ("Resource", {"dependencyOf": "component:x"}, "dependencyOf", "dependsOn", "component:ns/x"),
        ("Resource", {"dependencyOf": [{"kind": "A", "name": "b"}]}, "dependencyOf", "dependsOn", "a:ns/b"),
        ("User", {"memberOf": ["x"]}, "memberOf", "hasMember", "group:ns/x"),
        ("Group", {"members": ["x"]}, "hasMember", "memberOf", "user:ns/x"),
        ("Group", {"parent": "x"}, "childOf", "parentOf", "group:ns/x"),
        ("Group", {"children": ["x"]}, "parentOf", "childOf", "group:ns/x"),
    ],
)
def test_it_gives_both_directions(kind: str, spec: dict[str, Any], type_: str, inverse: str, target: str) -> None:
    me = f"{kind.lower()}:ns/demo"
    relations = emit(prepare(entity(kind, metadata={"namespace": "ns"}, **spec)))
    assert Relation(me, type_, target) in relations
    assert Relation(target, inverse, me) in relations


def test_it_follows_the_order_of_the_kind() -> None:
    spec = {
        "system": "s",
        "dependsOn": ["component:d"],
        "consumesApis": ["c"],
        "providesApis": ["p"],
        "subcomponentOf": "u",
    }
    types = [type_ for type_, _target in forward("Component", **spec)]
    assert types == ["ownedBy", "partOf", "providesApi", "consumesApi", "dependsOn", "partOf"]


def test_it_gives_each_relation_once() -> None:
    assert forward("Component", dependsOn=["component:x", "Component:ns/X"]) == [
        ("ownedBy", "group:ns/team-a"),
        ("dependsOn", "component:ns/x"),
    ]


def test_it_gives_none_for_locations_and_empty_lists() -> None:
    assert forward("Location", targets=["x"]) == []
    assert forward("User", memberOf=[]) == []
    assert forward("Template") == []


@pytest.mark.parametrize("wrong", [5, {"name": "b"}, {"kind": "A"}, {"kind": "A", "name": ""}, ["component:x"]])
def test_it_refuses_what_is_no_reference(wrong: object) -> None:
    with pytest.raises(Refused, match=r"spec.dependencyOf\[0\] cannot be read"):
        emit(prepare(entity(dependencyOf=[wrong])))


def test_it_knows_nothing_of_foreign_kinds() -> None:
    assert emit({**entity(), "kind": "Other"}) == []
