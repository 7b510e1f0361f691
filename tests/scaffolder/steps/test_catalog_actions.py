"""Between workspace and catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.lib import yaml
from portal.lib.errors import Conflict, Invalid, NotFound, PortalError, Unavailable
from portal.lib.paths import Occupied, UnsafePath
from scaffolder.steps.catalog_actions import Fetch, Register, Write
from tests.scaffolder.steps.stage import Stage

ENTITY: dict[str, Any] = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {"name": "demo", "annotations": {"a/b": "c"}},
    "spec": {"type": "service"},
}


def entity(kind: str, name: str) -> dict[str, Any]:
    """An entity with the fields that matter here."""
    return {"kind": kind, "metadata": {"name": name, "namespace": "Team"}}


def test_it_writes_a_descriptor_that_names_its_template(stage: Stage) -> None:
    stage.run(Write(), entity=ENTITY)
    written = yaml.load((stage.workspace / "catalog-info.yaml").read_text())
    annotations = {"a/b": "c", "backstage.io/source-template": "template:default/demo"}
    assert written == {**ENTITY, "metadata": {"name": "demo", "annotations": annotations}}
    assert list(written) == list(ENTITY)


@pytest.mark.parametrize("odd", [{}, {"metadata": "x"}, {"metadata": {"annotations": ["x"]}}])
def test_it_writes_odd_entities_as_they_are(stage: Stage, odd: dict[str, Any]) -> None:
    stage.run(Write(), entity=odd, filePath="deep/info.yaml")
    written = yaml.load((stage.workspace / "deep" / "info.yaml").read_text())
    assert written == odd or written == {
        **odd,
        "metadata": {"annotations": {"backstage.io/source-template": "template:default/demo"}},
    }


@pytest.mark.parametrize(("path", "error"), [("../x.yaml", UnsafePath), ("taken", Occupied)])
def test_it_refuses_bad_paths(stage: Stage, path: str, error: type[PortalError]) -> None:
    stage.write("workspace/taken/x")
    with pytest.raises(error):
        stage.run(Write(), entity=ENTITY, filePath=path)


class Catalog:
    """A catalog that remembers what was registered."""

    def __init__(self, *entities: dict[str, Any], known: str = "", broken: bool = False) -> None:
        self.entities = list(entities)
        self.known = known
        self.broken = broken
        self.registered: list[str] = []

    def register_location(self, url: str) -> None:
        """Add a location."""
        if url == self.known:
            raise Conflict("The location is registered already.")
        self.registered.append(url)

    def preview_location(self, url: str) -> list[dict[str, Any]]:
        """What is there."""
        if self.broken:
            raise NotFound(f"There is nothing at {url}.")
        return self.entities

    def get_entities(self, refs: list[str]) -> list[dict[str, Any] | None]:
        """Entities by reference."""
        found = {"component:default/demo": ENTITY, "group:team/a": entity("Group", "a")}
        return [found.get(ref) for ref in refs]


def run(stage: Stage, catalog: Catalog, action: Any, **given: Any) -> dict[str, Any]:
    """Run an action against a catalog."""
    services = replace(
        stage.services,
        register_location=catalog.register_location,
        preview_location=catalog.preview_location,
        get_entities=catalog.get_entities,
    )
    done: dict[str, Any] = action.run(stage.context(services=services), given)
    return done


def test_it_registers_and_names_the_main_entity(stage: Stage) -> None:
    catalog = Catalog(entity("Location", "generated-1"), entity("System", "s"), entity("Component", "Demo"))
    done = run(stage, catalog, Register(), catalogInfoUrl="https://h/x.yaml")
    assert done == {"catalogInfoUrl": "https://h/x.yaml", "entityRef": "component:team/demo"}
    assert catalog.registered == ["https://h/x.yaml"]


@pytest.mark.parametrize(
    ("entities", "ref"),
    [
        ([entity("Location", "generated-1"), entity("System", "s")], "system:team/s"),
        ([entity("Location", "generated-1")], "location:team/generated-1"),
    ],
)
def test_it_names_what_there_is(stage: Stage, entities: list[dict[str, Any]], ref: str) -> None:
    assert run(stage, Catalog(*entities), Register(), catalogInfoUrl="x")["entityRef"] == ref
    assert "entityRef" not in run(stage, Catalog(), Register(), catalogInfoUrl="x")


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://github.com/o/r/blob/main", None, "https://github.com/o/r/tree/main/catalog-info.yaml"),
        ("https://gitlab.com/g/p/-/blob/main", "/d/x.yaml", "https://gitlab.com/g/p/-/tree/main/d/x.yaml"),
        ("file:///srv/x.git/blob/main", "info.yaml", "file:///srv/x.git/tree/main/info.yaml"),
    ],
)
def test_it_finds_the_descriptor_in_a_repository(stage: Stage, base: str, path: str | None, url: str) -> None:
    given = {"repoContentsUrl": base, **({"catalogInfoPath": path} if path else {})}
    assert run(stage, Catalog(), Register(), **given)["catalogInfoUrl"] == url


def test_it_takes_an_optional_location_that_is_there_already(stage: Stage) -> None:
    catalog = Catalog(entity("Component", "demo"), known="x")
    with pytest.raises(Conflict):
        run(stage, catalog, Register(), catalogInfoUrl="x")
    assert run(stage, catalog, Register(), catalogInfoUrl="x", optional=True)["entityRef"] == "component:team/demo"


def test_it_takes_an_optional_location_that_cannot_be_read(stage: Stage) -> None:
    catalog = Catalog(broken=True)
    with pytest.raises(NotFound):
        run(stage, catalog, Register(), catalogInfoUrl="x")
    assert run(stage, catalog, Register(), catalogInfoUrl="x", optional=True) == {"catalogInfoUrl": "x"}
    assert "There is nothing at x." in stage.lines[-1]


def test_it_says_that_a_service_is_missing(stage: Stage) -> None:
    with pytest.raises(Unavailable, match="register_location"):
        stage.run(Register(), catalogInfoUrl="x")


def test_it_gives_entities(stage: Stage) -> None:
    one = run(stage, Catalog(), Fetch(), entityRef="Component:demo")
    assert one == {"entity": ENTITY}
    given = {"entityRefs": ["a", "group:team/A"], "defaultKind": "Group", "defaultNamespace": "team"}
    both = run(stage, Catalog(), Fetch(), entityRef="component:default/demo", **given)
    assert [found["metadata"]["name"] for found in both["entities"]] == ["a", "a"]
    assert both["entity"] == ENTITY


def test_it_gives_nothing_for_what_is_optional(stage: Stage) -> None:
    given = {"entityRefs": ["component:x", "component:demo"], "optional": True}
    assert run(stage, Catalog(), Fetch(), **given) == {"entities": [None, ENTITY]}
    assert run(stage, Catalog(), Fetch(), optional=True) == {}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, Invalid),
        ({"entityRef": "component:x"}, NotFound),
        ({"entityRefs": ["component:x"]}, NotFound),
        ({"entityRef": "no-kind"}, Invalid),
        ({"entityRef": ":x"}, Invalid),
    ],
)
def test_it_refuses_what_it_cannot_find(stage: Stage, given: dict[str, Any], error: type[PortalError]) -> None:
    with pytest.raises(error):
        run(stage, Catalog(), Fetch(), **given)
