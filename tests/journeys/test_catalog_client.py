"""``@backstage/catalog-client`` runs every one of its methods against a portal, with real answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.portal import Portal

Call = Callable[..., Any]
# Each public method, and the test that calls it.
METHODS = {
    "addLocation": "test_it_registers_moves_and_removes_locations",
    "analyzeLocation": "test_it_analyzes_a_repository",
    "getEntities": "test_it_reads_entities_in_every_way",
    "getEntitiesByRefs": "test_it_reads_entities_in_every_way",
    "getEntityAncestors": "test_it_reads_entities_in_every_way",
    "getEntityByName": "test_it_reads_entities_in_every_way",
    "getEntityByRef": "test_it_reads_entities_in_every_way",
    "getEntityFacets": "test_it_counts_facets",
    "getLocationByEntity": "test_it_finds_locations",
    "getLocationById": "test_it_finds_locations",
    "getLocationByRef": "test_it_finds_locations",
    "getLocations": "test_it_finds_locations",
    "queryEntities": "test_it_walks_through_pages_by_cursors",
    "queryLocations": "test_it_pages_through_locations",
    "refreshEntity": "test_it_refreshes_and_removes_an_entity",
    "removeEntityByUid": "test_it_refreshes_and_removes_an_entity",
    "removeLocationById": "test_it_registers_moves_and_removes_locations",
    "streamEntities": "test_it_streams_entities",
    "streamLocations": "test_it_pages_through_locations",
    "updateLocation": "test_it_registers_moves_and_removes_locations",
    "validateEntity": "test_it_validates_an_entity",
}
PRIVATE = {
    "getEntityFacetsByPredicate", "getFilterValue", "queryEntitiesByPredicate", "requestIgnored", "requestOptional",
    "requestRequired",
}  # fmt: skip
CATALOG = """
apiVersion: backstage.io/v1alpha1
kind: {kind}
metadata: {{name: {name}, tags: [client], annotations: {{example.com/of: client}}}}
spec: {{type: {type}, lifecycle: production, owner: group:default/client-crew, profile: {{}}, children: []}}
---
"""


@pytest.fixture(scope="module")
def catalog(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of thirty components and a group, read by the portal."""
    path = tmp_path_factory.mktemp("client") / "catalog-info.yaml"
    parts = [CATALOG.format(kind="Component", name=f"client-{n:02}", type="service" if n % 3 else "website")
             for n in range(30)]  # fmt: skip
    path.write_text("".join([*parts, CATALOG.format(kind="Group", name="client-crew", type="team")]))
    portal.manage("ingest", str(path), "--space", "root")
    return path


@pytest.fixture(scope="module")
def call(portal: Portal, catalog: Path) -> Iterator[Call]:
    """Calls a method of the client."""
    script = Path(__file__).with_name("catalog_client.mjs")
    process = subprocess.Popen(
        [shutil.which("node") or "node", str(script), portal.url, portal.token],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(method: str, *args: Any) -> Any:
        stdin.write(json.dumps({"method": method, "args": args}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return answer.get("result", answer)

    yield ask
    process.kill()
    process.communicate()


def names(entities: list[dict[str, Any]]) -> list[str]:
    return [entity["metadata"]["name"] for entity in entities]


def test_every_method_has_a_test(call: Call) -> None:
    assert sorted(set(call("methods")) - PRIVATE) == sorted(METHODS)
    assert set(METHODS.values()) <= set(globals())


def test_it_reads_entities_in_every_way(call: Call) -> None:
    found = call("getEntities", {"filter": {"kind": "component", "metadata.tags": "client"}, "limit": 3, "offset": 1})
    assert names(found["items"]) == ["client-01", "client-02", "client-03"]
    ordered = {
        "filter": [{"metadata.tags": "client"}], "order": {"field": "metadata.name", "order": "desc"},
        "fields": ["metadata.name"],
    }  # fmt: skip
    assert names(call("getEntities", ordered)["items"])[:2] == ["client-crew", "client-29"]
    refs = ["component:default/client-07", "component:default/none"]
    both = call("getEntitiesByRefs", {"entityRefs": refs})["items"]
    assert [entity and entity["metadata"]["name"] for entity in both] == ["client-07", None]
    assert call("getEntityByRef", refs[0])["kind"] == "Component"
    assert call("getEntityByRef", refs[1]) is None
    assert call("getEntityByName", {"kind": "Group", "namespace": "default", "name": "client-crew"})["relations"]
    ancestors = call("getEntityAncestors", {"entityRef": refs[0]})
    assert ancestors["rootEntityRef"] == refs[0]
    assert ancestors["items"][0]["parentEntityRefs"][0].startswith("location:default/generated-")


def test_it_counts_facets(call: Call) -> None:
    asked = {"filter": {"metadata.tags": "client"}, "facets": ["spec.type", "kind"]}
    found = call("getEntityFacets", asked)["facets"]
    assert {row["value"]: row["count"] for row in found["spec.type"]} == {"service": 20, "website": 10, "team": 1}
    by_query = {"query": {"metadata.tags": {"$contains": "client"}, "kind": "Group"}, "facets": ["kind"]}
    assert call("getEntityFacets", by_query)["facets"]["kind"] == [{"value": "Group", "count": 1}]


def test_it_walks_through_pages_by_cursors(call: Call) -> None:
    first = call("queryEntities", {
        "filter": {"kind": "component", "metadata.tags": "client"}, "limit": 12,
        "orderFields": [{"field": "metadata.name", "order": "asc"}],
    })  # fmt: skip
    assert first["totalItems"] == 30
    second = call("queryEntities", {"cursor": first["pageInfo"]["nextCursor"], "limit": 12})
    assert names(second["items"]) == [f"client-{n}" for n in range(12, 24)]
    back = call("queryEntities", {"cursor": second["pageInfo"]["prevCursor"], "limit": 12})
    assert names(back["items"]) == names(first["items"])
    text = {"fullTextFilter": {"term": "ient-2", "fields": ["metadata.name"]}, "limit": 50}
    assert len(call("queryEntities", text)["items"]) == 10
    predicate = {"query": {"$all": [{"kind": "Component"}, {"metadata.name": {"$hasPrefix": "client-1"}}]}, "limit": 50}
    assert call("queryEntities", predicate)["totalItems"] == 10


def test_it_streams_entities(call: Call) -> None:
    pages = call("streamEntities", {"filter": {"metadata.tags": "client"}, "pageSize": 10})
    assert [len(page) for page in pages] == [10, 10, 10, 1]


def test_it_finds_locations(call: Call, catalog: Path) -> None:
    mine = call("getLocationByEntity", "component:default/client-00")
    assert mine["target"] == str(catalog)
    assert call("getLocationById", mine["id"]) == mine
    assert call("getLocationById", "00000000-0000-0000-0000-000000000000") is None
    listed = call("getLocations", {})
    assert mine["id"] in [location["id"] for location in listed["items"]], listed
    assert call("getLocationByRef", f"file:{catalog}")["id"] == mine["id"]


def test_it_pages_through_locations(call: Call, catalog: Path) -> None:
    everything = call("queryLocations", {"limit": 1})
    assert everything["totalItems"] >= 1
    assert len(everything["items"]) == 1
    found = call("queryLocations", {"query": {"target": str(catalog)}})
    assert [location["target"] for location in found["items"]] == [str(catalog)]
    assert call("queryLocations", {"query": {"$not": {"type": {"$in": ["file", "url"]}}}})["items"] == []
    pages = call("streamLocations", {"limit": 1})
    assert sum(len(page) for page in pages) == everything["totalItems"]


def test_it_registers_moves_and_removes_locations(call: Call, tmp_path: Path) -> None:
    paths = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for number, path in enumerate(paths):
        text = CATALOG.format(kind="Component", name=f"moved-{number}", type="service")
        path.write_text(text.replace("[client]", "[moved]"))
    tried = call("addLocation", {"type": "file", "target": str(paths[0]), "dryRun": True})
    assert [tried["exists"], names(tried["entities"])[-1]] == [False, "moved-0"]
    made = call("addLocation", {"type": "file", "target": str(paths[0])})["location"]
    again = call("addLocation", {"type": "file", "target": str(paths[0])})
    assert again["status"] == 409
    moved = call("updateLocation", made["id"], {"type": "file", "target": str(paths[1])})
    assert [moved["id"], moved["target"]] == [made["id"], str(paths[1])]
    call("removeLocationById", made["id"])
    assert call("getLocationById", made["id"]) is None


def test_it_analyzes_a_repository(call: Call) -> None:
    found = call("analyzeLocation", {"location": {"type": "url", "target": "https://github.com/acme/ticket-shop"}})
    assert found["existingEntityFiles"] == []
    start = found["generateEntities"][0]["entity"]
    assert start["metadata"] == {"name": "ticket-shop", "annotations": {"github.com/project-slug": "acme/ticket-shop"}}
    assert start["spec"] == {"type": "other", "lifecycle": "unknown"}


def test_it_validates_an_entity(call: Call) -> None:
    entity = {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "fine"},
              "spec": {"type": "service", "lifecycle": "production", "owner": "crew"}}  # fmt: skip
    assert call("validateEntity", entity, "url:https://example.com/x.yaml") == {"valid": True}
    wrong = call("validateEntity", entity | {"spec": {"type": "service"}}, "url:https://example.com/x.yaml")
    assert wrong["valid"] is False
    assert wrong["errors"]


def test_it_refreshes_and_removes_an_entity(call: Call) -> None:
    assert call("refreshEntity", "component:default/client-03") is None
    uid = call("getEntityByRef", "component:default/client-03")["metadata"]["uid"]
    assert call("removeEntityByUid", uid) is None
    assert call("removeEntityByUid", uid) is None
