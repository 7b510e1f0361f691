"""The list and the page of an entity, as each of the cast sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.conftest import Cast
from tests.factories.catalog import make_entity

SignIn = Callable[[User], Client]


def test_it_lists_what_may_be_seen_and_no_more(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "ticket-desk", metadata={"title": "Ticket desk"})
    make_entity(cast.sibling, "cloak-room")
    page = as_client(cast.member).get("/catalog/").content.decode()
    assert "Ticket desk" in page
    assert "cloak-room" not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=System", {"booking"}),
        ("type=website", {"shop-window"}),
        ("owner=group:default/team-b", {"shop-window"}),
        ("lifecycle=production", {"ticket-desk", "shop-window"}),
        ("tag=python", {"ticket-desk"}),
        ("tag=python&kind=System", set()),
        ("q=DESK", {"ticket-desk"}),
        ("q=100%25", set()),
    ],
)
def test_it_narrows_by_the_address(cast: Cast, as_client: SignIn, query: str, expected: set[str]) -> None:
    make_entity(cast.space, "ticket-desk", metadata={"tags": ["python"]})
    make_entity(cast.space, "shop-window", type="website", owner="team-b")
    make_entity(cast.space, "booking", kind="System")
    answer = as_client(cast.member).get(f"/catalog/?{query}")
    assert answer.status_code == 200
    assert {entity.name for entity, _, _ in answer.context["rows"]} == expected


def test_it_counts_facets_by_rights(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "one")
    make_entity(cast.sibling, "two")
    menus = as_client(cast.member).get("/catalog/").context["menus"]
    kinds = next(menu["options"] for menu in menus if menu["facet"].name == "kind")
    assert [(row["value"], row["count"]) for row in kinds] == [("Component", 1)]


@pytest.mark.parametrize("tab", ["overview", "relations", "source", "nonsense"])
def test_it_shows_an_entity(cast: Cast, as_client: SignIn, tab: str) -> None:
    make_entity(
        cast.space,
        "ticket-desk",
        metadata={"title": "Ticket desk", "links": [{"url": "https://example.com/board", "title": "Board"}]},
    )
    answer = as_client(cast.member).get(f"/catalog/component/default/ticket-desk/?tab={tab}")
    assert answer.status_code == 200
    assert "Ticket desk" in answer.content.decode()


def test_it_links_only_what_may_be_seen(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.sibling, "team-a", kind="Group")
    make_entity(cast.space, "ticket-desk")
    page = as_client(cast.member).get("/catalog/component/default/ticket-desk/").content.decode()
    assert "/catalog/group/default/team-a/" not in page
    page = as_client(cast.operator).get("/catalog/component/default/ticket-desk/").content.decode()
    assert "/catalog/group/default/team-a/" in page


def test_it_makes_no_link_of_a_script(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "trap", metadata={"links": [{"url": "javascript:alert(1)", "title": "Press"}]})
    page = as_client(cast.member).get("/catalog/component/default/trap/").content.decode()
    assert 'href="javascript:' not in page


def test_it_hides_from_strangers(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "ticket-desk")
    client = as_client(cast.stranger)
    assert client.get("/catalog/component/default/ticket-desk/").status_code == 404
    assert client.post("/catalog/component/default/ticket-desk/delete/").status_code == 404
    assert client.post("/catalog/component/default/ticket-desk/refresh/").status_code == 404


def test_it_deletes_for_admins_only(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "ticket-desk")
    assert as_client(cast.member).post("/catalog/component/default/ticket-desk/delete/").status_code == 403
    assert as_client(cast.owner).post("/catalog/component/default/ticket-desk/delete/").status_code == 302
    assert as_client(cast.owner).get("/catalog/component/default/ticket-desk/").status_code == 404


def test_it_sends_the_list_alone_to_htmx(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "ticket-desk")
    headers = {"HX-Request": "true", "HX-Target": "entity-list"}
    page = as_client(cast.member).get("/catalog/?q=ticket", headers=headers).content.decode()
    assert page.lstrip().startswith('<div id="entity-list"')
