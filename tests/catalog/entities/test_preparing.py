"""What is done to documents before they are judged."""

from __future__ import annotations

import math

from catalog.entities.preparing import json_value, prepare
from tests.catalog.entities.samples import entity


def test_it_fills_the_namespace() -> None:
    assert prepare(entity())["metadata"]["namespace"] == "default"
    assert prepare(entity(metadata={"namespace": "x"}))["metadata"]["namespace"] == "x"


def test_it_sorts_references_as_javascript_does() -> None:
    written = ["component:b", "Component:c", "component:ä", "component:a", "component:\U0001f680", "component:\uffee"]
    fields = ("providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members")
    document = {**entity("Location"), "spec": {name: list(written) for name in fields}}
    spec = prepare(document)["spec"]
    expected = ["Component:c", "component:a", "component:b", "component:ä", "component:\U0001f680", "component:\uffee"]
    assert all(spec[name] == expected for name in fields)


def test_it_takes_documents_without_a_spec() -> None:
    assert "spec" not in prepare({"apiVersion": "v1", "kind": "Other", "metadata": {"name": "a"}})


def test_it_leaves_other_lists_alone() -> None:
    document = entity(dependsOn=["b", 1, "a"], other=["b", "a"])
    assert prepare(document)["spec"]["dependsOn"] == ["b", 1, "a"]
    assert prepare(document)["spec"]["other"] == ["b", "a"]


def test_it_does_not_change_what_it_was_given() -> None:
    document = entity(dependsOn=["component:b", "component:a"])
    prepare(document)
    assert document == entity(dependsOn=["component:b", "component:a"])


def test_it_drops_numbers_that_json_does_not_know() -> None:
    assert json_value({"a": [math.inf, -math.inf, math.nan, 1.5, True]}) == {"a": [None, None, None, 1.5, True]}
