"""The graph around an entity: how far, which way, through what, and nothing of what may not be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.graph import walking
from portal.accounts.models import User
from portal.spaces.models import Space
from tests.conftest import Cast
from tests.factories.catalog import make_entity

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


def graph_of(client: Client, ref: str, query: str = "") -> dict[str, Any]:
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    uid = client.get(f"/api/catalog/entities/by-name/{kind}/{namespace}/{name}").json()["metadata"]["uid"]
    answer = client.get(f"/api/v1/entities/{uid}/graph{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def names(graph: dict[str, Any]) -> set[str]:
    return {node["ref"].rpartition("/")[2] for node in graph["nodes"]}


def arrows(graph: dict[str, Any]) -> set[tuple[str, str, str]]:
    short = [(edge["source"], edge["type"], edge["target"]) for edge in graph["edges"]]
    return {(source.rpartition("/")[2], type_, target.rpartition("/")[2]) for source, type_, target in short}


def chain(space: Space, length: int) -> None:
    """``link-0`` depends on ``link-1``, and so on."""
    for number in range(length):
        needs = [f"component:link-{number + 1}"] if number + 1 < length else []
        make_entity(space, f"link-{number}", dependsOn=needs, owner=f"crew-{number}")


@pytest.mark.parametrize(("depth", "last"), [(1, 1), (3, 3), (5, 5)])
def test_it_walks_as_far_as_asked(cast: Cast, as_client: SignIn, depth: int, last: int) -> None:
    chain(cast.space, 8)
    graph = graph_of(as_client(cast.member), "component:default/link-0", f"?depth={depth}")
    assert names(graph) == {f"link-{number}" for number in range(last + 1)}
    assert {node["depth"] for node in graph["nodes"]} == set(range(last + 1))


def test_it_draws_one_arrow_for_both_directions(cast: Cast, as_client: SignIn) -> None:
    chain(cast.space, 2)
    graph = graph_of(as_client(cast.member), "component:default/link-1")
    assert arrows(graph) == {("link-0", "dependsOn", "link-1")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("direction=out", {"desk", "db", "team-a"}),
        ("direction=in", {"desk", "shop"}),
        ("direction=both", {"desk", "db", "team-a", "shop"}),
        ("relation=dependsOn", {"desk", "db", "shop"}),
        ("relation=dependencyOf", {"desk", "db", "shop"}),
        ("relation=dependsOn&direction=out", {"desk", "db"}),
        ("kind=resource", {"desk", "db"}),
        ("kind=Component", {"desk", "shop"}),
        ("relation=unheard", {"desk"}),
    ],
)
def test_it_narrows_by_the_address(cast: Cast, as_client: SignIn, query: str, expected: set[str]) -> None:
    make_entity(cast.space, "team-a", kind="Group")
    make_entity(cast.space, "db", kind="Resource", owner="nobody")
    make_entity(cast.space, "desk", dependsOn=["resource:db"])
    make_entity(cast.space, "shop", dependsOn=["component:desk"], owner="nobody")
    assert names(graph_of(as_client(cast.member), "component:default/desk", f"?{query}")) == expected


@pytest.mark.parametrize("query", ["depth=0", "depth=6", "depth=deep", "direction=up"])
def test_it_says_what_is_wrong_with_a_question(cast: Cast, as_client: SignIn, query: str) -> None:
    entity = make_entity(cast.space, "desk")
    answer = as_client(cast.member).get(f"/api/v1/entities/{entity.uid}/graph?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_it_is_the_graph_of_a_catalog_without_what_is_invisible(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "desk", dependsOn=["component:secret"], owner="nobody")
    client = as_client(cast.member)
    before = graph_of(client, "component:default/desk", "?depth=5")
    make_entity(cast.sibling, "secret", dependsOn=["component:behind"], owner="nobody")
    make_entity(cast.space, "behind", owner="nobody")
    after = graph_of(client, "component:default/desk", "?depth=5")
    assert after == before
    assert names(after) == {"desk"}
    assert names(graph_of(as_client(cast.operator), "component:default/desk", "?depth=5")) == {
        "desk", "secret", "behind"
    }  # fmt: skip


def test_it_counts_what_it_leaves_out_by_rights(cast: Cast, as_client: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST_NEAR", 3)
    make_entity(cast.space, "team-a", kind="Group")
    for number in range(5):
        make_entity(cast.space, f"desk-{number}")
    for number in range(4):
        make_entity(cast.sibling, f"vault-{number}")
    graph = graph_of(as_client(cast.member), "group:default/team-a")
    assert names(graph) == {"team-a", "desk-0", "desk-1", "desk-2"}
    assert [node["more"] for node in graph["nodes"]] == [2, 0, 0, 0]
    assert graph["is_cut"]


def test_it_ends_at_its_bound(cast: Cast) -> None:
    make_entity(cast.space, "team-a", kind="Group")
    for number in range(12):
        root = make_entity(cast.space, f"desk-{number}")
    graph = walking.walk(cast.subject("member"), root, walking.Question(depth=5), most=6)
    assert len(graph.nodes) == 6
    assert graph.nodes[0].ref == root.ref
    assert graph.is_cut


def test_it_comes_to_an_end_where_things_need_each_other(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "egg", dependsOn=["component:hen"], owner="nobody")
    make_entity(cast.space, "hen", dependsOn=["component:egg", "component:hen"], owner="nobody")
    graph = graph_of(as_client(cast.member), "component:default/egg", "?depth=5")
    assert arrows(graph) == {("egg", "dependsOn", "hen"), ("hen", "dependsOn", "egg"), ("hen", "dependsOn", "hen")}


def test_it_shows_a_page_that_is_read_without_script(cast: Cast, as_client: SignIn) -> None:
    chain(cast.space, 3)
    page = as_client(cast.member).get("/catalog/component/default/link-0/graph/?depth=2").content.decode()
    assert "As a list: 2 related entities, 2 relations" in page
    assert 'href="/catalog/component/default/link-2/"' in page


def test_it_sends_the_graph_alone_to_htmx(cast: Cast, as_client: SignIn) -> None:
    chain(cast.space, 2)
    headers = {"HX-Request": "true", "HX-Target": "graph"}
    page = as_client(cast.member).get("/catalog/component/default/link-0/graph/", headers=headers).content.decode()
    assert page.lstrip().startswith('<div id="graph"')


def test_it_keeps_names_from_ending_the_script(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "team-a", kind="Group")
    make_entity(cast.space, "desk", metadata={"title": "</script><script>alert(1)</script>"})
    page = as_client(cast.member).get("/catalog/component/default/desk/").content.decode()
    assert "<script>alert(1)" not in page
