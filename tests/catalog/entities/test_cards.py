"""Tabs and cards of entities: those of each kind, by rights, and those of installed packages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint

import pytest
from django.test import Client

from catalog.entities import plug_ins
from catalog.entities.models import Entity
from portal.accounts.models import User
from portal.ui import registry
from portal.ui.registry import Panel, add_panel
from tests.conftest import Cast
from tests.factories.catalog import make_entity

SignIn = Callable[[User], Client]


def tabs_of(client: Client, address: str) -> list[str]:
    return [item["panel"].slug for item in client.get(address).context["tabs"]]


def test_it_shows_each_kind_its_own_tabs(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "desk")
    make_entity(cast.space, "team-a", kind="Group")
    client = as_client(cast.member)
    assert {"overview", "api", "dependencies", "relations", "source"} <= set(
        tabs_of(client, "/catalog/component/default/desk/")
    )
    assert "dependencies" not in tabs_of(client, "/catalog/group/default/team-a/")


def test_it_shows_the_parts_of_a_system_by_rights(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "booking", kind="System")
    make_entity(cast.space, "desk", system="booking")
    make_entity(cast.sibling, "vault", system="booking")
    page = as_client(cast.member).get("/catalog/system/default/booking/").content.decode()
    assert "/catalog/component/default/desk/" in page
    assert "/catalog/component/default/vault/" not in page


def test_it_names_what_leads_nowhere_without_a_link(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "desk", dependsOn=["resource:lost-db"])
    page = as_client(cast.member).get("/catalog/component/default/desk/?tab=dependencies").content.decode()
    assert "lost-db" in page
    assert "/catalog/resource/default/lost-db/" not in page


def test_it_leads_to_all_of_a_long_table(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "booking", kind="System")
    for number in range(12):
        make_entity(cast.space, f"part-{number:02}", system="booking")
    client = as_client(cast.member)
    page = client.get("/catalog/system/default/booking/").content.decode()
    address = "/catalog/?kind=component&amp;related=partOf%3Asystem%3Adefault%2Fbooking"
    assert f'href="{address}">All 12</a>' in page
    assert client.get(address.replace("&amp;", "&")).context["page"].paginator.count == 12


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Domain", {"owner": "team-a"}),
        ("API", {"type": "openapi", "lifecycle": "production", "owner": "team-a", "definition": "openapi: 3.0.0"}),
        ("Location", {"targets": ["./a.yaml", "javascript:alert(1)"]}),
        ("User", {"memberOf": ["team-a"], "profile": {"email": "ada@example.com"}}),
    ],
)
def test_it_has_a_page_for_every_kind(cast: Cast, as_client: SignIn, kind: str, spec: dict[str, object]) -> None:
    make_entity(cast.space, "thing", kind=kind, **spec)
    client = as_client(cast.member)
    address = f"/catalog/{kind.lower()}/default/thing/"
    for tab in tabs_of(client, address):
        page = client.get(f"{address}?tab={tab}").content.decode()
        assert 'href="javascript:' not in page


@pytest.fixture
def stores() -> Iterator[None]:
    before = {name: list(rows) for name, rows in registry._panels.items()}
    yield
    registry._panels.update(before)


def given_panels() -> list[tuple[str, Panel]]:
    """What an installed package gives: a card, and one that breaks."""

    def context(_request: object, entity: Entity) -> dict[str, object]:
        return {"links": [{"url": "https://example.com/pager", "title": f"Pager of {entity.name}"}]}

    def broken(_request: object, _entity: Entity) -> dict[str, object]:
        raise RuntimeError("no answer")

    card = "catalog/entities/_links_card.html"
    return [("entity_card", Panel("pager", "Pager", card, context)), ("entity_tab", Panel("bad", "Bad", card, broken))]


def test_it_takes_cards_of_installed_packages_and_survives_broken_ones(
    cast: Cast, as_client: SignIn, stores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [
        EntryPoint("pager", f"{__name__}:given_panels", plug_ins.ENTRY_POINTS),
        EntryPoint("gone", "no.such:module", plug_ins.ENTRY_POINTS),
    ]
    monkeypatch.setattr(plug_ins, "entry_points", lambda group: points)
    assert plug_ins.add_panels() == ["pager", "bad"]
    make_entity(cast.space, "desk")
    client = as_client(cast.member)
    assert "Pager of desk" in client.get("/catalog/component/default/desk/").content.decode()
    assert "bad" not in tabs_of(client, "/catalog/component/default/desk/")


def test_it_has_one_panel_of_a_name(stores: None) -> None:
    panel = Panel("overview", "Overview", "", lambda _request, _entity: {})
    with pytest.raises(ValueError, match="already"):
        add_panel("entity_tab", panel)
