"""Which documents are entities, and what the others are told."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.kinds import KINDS, Kind, KindRegistry, RelationField
from catalog.entities.refs import Entity
from catalog.entities.refusals import Reason, Refused, path_of
from catalog.entities.validation import check_envelope, examine, validate
from portal.lib.errors import Conflict, Invalid
from tests.catalog.entities.samples import entity

KIND_NAMES = ["Component", "API", "Resource", "System", "Domain", "Group", "User", "Location", "Template"]


def words(document: Any) -> list[str]:
    """The refusals of a document as people read them."""
    return [str(refusal) for refusal in validate(document)]


def reasons(document: Any) -> set[Reason]:
    """The classes of the refusals of a document."""
    return {refusal.reason for refusal in validate(document)}


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_it_accepts_the_least_of_each_kind(kind: str) -> None:
    assert validate(entity(kind)) == []


@pytest.mark.parametrize("kind", KIND_NAMES[:-1])
def test_it_accepts_both_versions(kind: str) -> None:
    assert validate({**entity(kind), "apiVersion": "backstage.io/v1beta1"}) == []


def test_it_accepts_the_most_of_the_common_fields() -> None:
    metadata = {
        "namespace": "team-x",
        "title": "Demo",
        "description": "",
        "labels": {"example.com/tier": "", "x": "A.b"},
        "annotations": {"example.com/any": "any text: at all", "empty": ""},
        "tags": ["c++", "java:11"],
        "links": [{"url": "https://x.y", "title": "X", "icon": "any icon", "type": "t", "more": 1}],
        "anything": [1, None, {"x": {}}],
    }
    assert validate(entity(metadata=metadata, anything={"nested": [True]})) == []


@pytest.mark.parametrize("document", [None, [], "text", 1])
def test_it_refuses_what_is_no_mapping(document: object) -> None:
    assert [refusal.reason for refusal in check_envelope(document)] == [Reason.ENVELOPE]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"apiVersion": None}, "apiVersion"),
        ({"apiVersion": ""}, "apiVersion"),
        ({"kind": 1}, "kind"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {}}, "metadata.name"),
        ({"metadata": {"name": ""}}, "metadata.name"),
        ({"metadata": {"name": 5}}, "metadata.name"),
        ({"metadata": {"name": "a", "namespace": None}}, "metadata.namespace"),
        ({"metadata": {"name": "a", "namespace": ""}}, "metadata.namespace"),
    ],
)
def test_it_refuses_a_broken_envelope(change: dict[str, Any], path: str) -> None:
    (refusal,) = validate({**entity(), **change})
    assert (refusal.reason, refusal.path) == (Reason.ENVELOPE, path)


def test_it_names_all_that_is_missing() -> None:
    assert words({}) == [
        'apiVersion is missing; write the version of the format, as in "backstage.io/v1alpha1"',
        'kind is missing; write the kind of the entity, as in "Component"',
        "metadata is missing; write a mapping with at least a name",
    ]


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        (
            {"labels": None},
            "metadata.labels must be a mapping, but is nothing; write a mapping of texts, or leave it out",
        ),
        (
            {"labels": {"a": 1}},
            "metadata.labels.a must be a text, but is the number 1 (put it in quotes to make it a text); "
            "write a text; put numbers in quotes",
        ),
        ({"annotations": {"a": True}}, "metadata.annotations.a must be a text, but is true"),
        ({"annotations": []}, "metadata.annotations must be a mapping, but is a list"),
        ({"tags": "java"}, 'metadata.tags must be a list, but is the text "java"'),
        ({"tags": [""]}, "metadata.tags[0] must not be empty"),
        ({"title": ""}, "metadata.title must not be empty"),
        ({"links": [{}]}, 'metadata.links[0].url is missing; write the address, as in "https://example.com/dashboard"'),
        ({"links": [{"url": "x"}]}, 'metadata.links[0].url has the wrong form: "x"; use a complete address'),
        ({"links": [{"url": "https://x.y", "title": " "}]}, "metadata.links[0].title has the wrong form"),
        ({"links": [{"url": "https://x.y", "icon": " "}]}, "metadata.links[0].icon has the wrong form"),
        ({"name": "a b"}, 'metadata.name has the wrong form: "a b"; use letters and digits, with "-", "_" or "."'),
        ({"namespace": "Abc"}, 'metadata.namespace has the wrong form: "Abc"; use lower-case letters'),
        ({"tags": ["ok", "C"]}, 'metadata.tags[1] has the wrong form: "C"'),
        ({"labels": {"a b": "x"}}, 'metadata.labels.a b has the wrong form: "a b"'),
        ({"labels": {"x": "a b"}}, 'metadata.labels.x has the wrong form: "a b"'),
        ({"annotations": {"a.b/c/d": "x"}}, 'metadata.annotations["a.b/c/d"] has the wrong form: "a.b/c/d"'),
        ({"annotations": {"": "x"}}, 'metadata.annotations[""] has the wrong form: ""'),
        ({"uid": ""}, "metadata.uid must not be empty"),
    ],
)
def test_it_says_which_common_field_is_wrong(metadata: dict[str, Any], told: str) -> None:
    document = entity(metadata=metadata)
    assert reasons(document) == {Reason.POLICY}
    assert words(document)[0].startswith(told)


@pytest.mark.parametrize("field", ["relations", "status", "extra", "a.b"])
def test_it_refuses_other_fields_at_the_root(field: str) -> None:
    (refusal,) = validate({**entity(), field: []})
    assert refusal.reason is Reason.POLICY
    assert refusal.path == path_of([field])
    assert "an entity has apiVersion, kind, metadata and spec" in str(refusal)


@pytest.mark.parametrize("change", [{"apiVersion": "a/b/c"}, {"kind": "x-y"}])
def test_it_refuses_ill_formed_kinds_and_versions(change: Entity) -> None:
    assert reasons({**entity(), **change}) == {Reason.POLICY}


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("Component", {"owner": None}, 'spec.owner is missing; write the group or user that owns it, as in "team-a"'),
        ("Component", {"owner": ""}, "spec.owner must not be empty; write the group or user"),
        ("Component", {"owner": ["a"]}, "spec.owner must be a text, but is a list"),
        ("Component", {"owner": {"a": 1}}, "spec.owner must be a text, but is a mapping"),
        ("Component", {"dependsOn": "component:x"}, 'spec.dependsOn must be a list, but is the text "component:x"'),
        ("Component", {"dependsOn": ["component:x", ""]}, "spec.dependsOn[1] must not be empty"),
        ("Component", {"providesApis": [1]}, "spec.providesApis[0] must be a text, but is the number 1"),
        ("API", {"definition": {"$text": "x", "y": 1}}, "spec.definition must be a text, but is a mapping"),
        ("Group", {"children": None}, "spec.children is missing; write the groups that are parts of it; [] for none"),
        ("Group", {"profile": {"email": ""}}, "spec.profile.email must not be empty"),
        ("User", {"memberOf": None}, "spec.memberOf is missing"),
        ("Location", {"presence": "maybe"}, "spec.presence must be one of 'required', 'optional', but is 'maybe'"),
        ("Location", {"targets": "x"}, "spec.targets must be a list"),
        (
            "Template",
            {"steps": [{}]},
            'spec.steps[0].action is missing; write the action to run, as in "fetch:template"',
        ),
        ("Template", {"steps": [{"action": "a", "if": 1}]}, "spec.steps[0].if must be true or false or a text"),
        ("Template", {"parameters": 1}, "spec.parameters is not valid"),
        ("Template", {"output": {"own": 1}}, "spec.output.own must be a text"),
        ("Template", {"output": {"links": [{"url": ""}]}}, "spec.output.links[0].url must not be empty"),
    ],
)
def test_it_says_which_field_of_the_spec_is_wrong(kind: str, spec: dict[str, Any], told: str) -> None:
    document = entity(kind, **spec)
    assert reasons(document) == {Reason.SCHEMA}
    assert words(document)[0].startswith(told)


def test_it_says_that_the_spec_is_missing() -> None:
    document = entity()
    del document["spec"]
    assert words(document) == ["spec is missing; write a mapping with type, lifecycle, owner"]


@pytest.mark.parametrize("spec", [None, [], "x"])
def test_it_refuses_a_spec_that_is_no_mapping(spec: object) -> None:
    assert reasons({**entity(), "spec": spec}) == {Reason.POLICY}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": "Workflow"}, 'kind "Workflow" is not known here; the known kinds are API, Component, Domain'),
        ({"kind": "component"}, 'kind is written "component"; write Component'),
        (
            {"apiVersion": "backstage.io/v2"},
            'apiVersion "backstage.io/v2" is not known for the kind Component; '
            "write backstage.io/v1alpha1 or backstage.io/v1beta1",
        ),
        ({"kind": "Template"}, 'apiVersion "backstage.io/v1alpha1" is not known for the kind Template'),
    ],
)
def test_it_refuses_foreign_kinds(change: Entity, told: str) -> None:
    document = {**entity(), **change}
    assert reasons(document) == {Reason.FOREIGN_KIND}
    assert words(document)[0].startswith(told)


def test_it_examines_references_too() -> None:
    examined = examine(entity(dependsOn=["component:a", "b", "c:"], dependencyOf=["x"]))
    assert not examined.is_accepted
    assert examined.relations == []
    assert [str(refusal) for refusal in examined.refusals] == [
        'spec.dependsOn[1] cannot be read: The entity reference "b" names no kind; write for example "component:b".',
        'spec.dependsOn[2] cannot be read: The entity reference "c:" must have the form [kind:][namespace/]name, '
        "with no part empty.",
        'spec.dependencyOf[0] cannot be read: The entity reference "x" names no kind; write for example "component:x".',
    ]


def test_it_gives_relations_of_what_it_accepts() -> None:
    examined = examine(entity())
    assert examined.is_accepted
    assert len(examined.relations) == 2


def test_it_raises_refusals_with_rows_for_programs() -> None:
    error = Refused(validate(entity(owner=None, type="")))
    assert error.status == 400
    assert [row["field"] for row in error.data["errors"]] == ["spec.owner", "spec.type"]
    assert {row["reason"] for row in error.data["errors"]} == {"schema"}


WORKFLOW = Kind(
    "Workflow",
    ("example.com/v1",),
    {"type": "object", "required": ["runs"], "properties": {"runs": {"type": "string"}}},
    (RelationField("runs", "runs", "runBy", "Component"),),
)


def test_it_knows_declared_kinds() -> None:
    kinds = KindRegistry([WORKFLOW])
    document = {"apiVersion": "example.com/v1", "kind": "Workflow", "metadata": {"name": "a"}, "spec": {"runs": "b"}}
    examined = examine(document, kinds)
    assert [(relation.type, relation.target) for relation in examined.relations] == [
        ("runs", "component:default/b"),
        ("runBy", "workflow:default/a"),
    ]
    assert [str(refusal) for refusal in validate({**document, "spec": {}}, kinds)] == ["spec.runs is missing"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind("x-y", ("v1",), {}), '"x-y" is no name for a kind'),
        (Kind("X", ("v-1",), {}), '"v-1" is no version for the kind X'),
        (Kind("X", ("v1",), {"type": "nonsense"}), "The schema of the kind X is no JSON Schema"),
        (Kind("X", ("v1",), {}, (RelationField("a", "b c", "d"),)), "letters, digits and _ in its types only"),
    ],
)
def test_it_refuses_ill_formed_declarations(kind: Kind, words: str) -> None:
    with pytest.raises(Invalid) as error:
        KindRegistry([kind])
    assert words in error.value.detail


CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {"a": {"items": True}}}


def test_it_names_fields_that_a_declared_kind_does_not_know() -> None:
    kinds = KindRegistry([Kind("Closed", ("v1",), CLOSED)])
    document = {"apiVersion": "v1", "kind": "Closed", "metadata": {"name": "a"}, "spec": {"b": 1, "c.d": 2}}
    assert [str(refusal) for refusal in validate(document, kinds)] == [
        "spec.b is not a known field; remove it",
        'spec["c.d"] is not a known field; remove it',
    ]


def test_it_has_no_advice_where_a_schema_has_none() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"allOf": [{"type": "string"}]}}}}
    kinds = KindRegistry([Kind("Odd", ("v1",), schema)])
    document = {"apiVersion": "v1", "kind": "Odd", "metadata": {"name": "a"}, "spec": {"a": [1, {"b": False}]}}
    assert [str(refusal) for refusal in validate(document, kinds)] == [
        "spec.a[0] must be a text, but is the number 1 (put it in quotes to make it a text)",
        "spec.a[1] must be a text, but is a mapping",
    ]


def test_it_refuses_a_second_declaration_of_the_same_version() -> None:
    kinds = KindRegistry([WORKFLOW])
    with pytest.raises(Conflict, match=r"declared already for example\.com/v1"):
        kinds.declare(Kind("Workflow", ("example.com/v2", "example.com/v1"), {}))
    assert kinds.versions_of("Workflow") == ["example.com/v1"]


def test_it_lists_each_kind_once_with_a_sign() -> None:
    assert [kind.name for kind in KINDS] == [
        "Component",
        "API",
        "Resource",
        "System",
        "Domain",
        "Group",
        "User",
        "Location",
        "Template",
    ]
    assert all(kind.icon != "square" and kind.description for kind in KINDS)
