"""The tab of a definition, and the definition as text, as each of the cast gets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.entities.models import Entity
from portal.accounts.models import User
from tests.catalog.definitions.test_reading import LIGHTS_3, ORDERS, SEATS, SHOWS
from tests.conftest import Cast
from tests.factories.catalog import make_entity

SignIn = Callable[[User], Client]
PAGE = "/catalog/api/default/orders/?tab=definition"


def make_api(cast: Cast, type_: str, definition: str, **more: Any) -> Entity:
    spec = {"type": type_, "lifecycle": "production", "owner": "team-a", "definition": definition, **more}
    return make_entity(cast.space, "orders", kind="API", **spec)


@pytest.mark.parametrize(
    ("type_", "definition", "word"),
    [
        ("openapi", ORDERS, "/orders/{id}"),
        ("asyncapi", LIGHTS_3, "light/{id}/measured"),
        ("graphql", SHOWS, "SeatInput"),
        ("grpc", SEATS, "ListRequest"),
        ("soap", "<definitions/>", "&lt;definitions/&gt;"),
        ("openapi", "no: [mapping", "There is no outline of it"),
    ],
)
def test_it_shows_definitions(cast: Cast, as_client: SignIn, type_: str, definition: str, word: str) -> None:
    make_api(cast, type_, definition)
    answer = as_client(cast.member).get(PAGE)
    assert answer.status_code == 200
    assert word in answer.content.decode()


def test_it_shows_the_text_where_it_is_asked_for(cast: Cast, as_client: SignIn) -> None:
    make_api(cast, "graphql", SHOWS)
    assert '<figure class="code' in as_client(cast.member).get(f"{PAGE}&as=text").content.decode()


def test_it_cuts_what_is_too_long_and_says_so(cast: Cast, as_client: SignIn) -> None:
    make_api(cast, "openapi", "# " + "a" * 1_500_000)
    page = as_client(cast.member).get(PAGE).content.decode()
    assert "It is too long to be outlined" in page
    assert "1300002 more characters are not shown" in page
    assert len(page) < 700_000


def test_it_gives_the_text_whole_as_text(cast: Cast, as_client: SignIn) -> None:
    entity = make_api(cast, "openapi", "<script>alert(1)</script>")
    answer = as_client(cast.member).get(f"/api/v1/entities/{entity.uid}/definition")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="orders.txt"'


def test_it_gives_nothing_of_what_has_no_definition_or_may_not_be_seen(cast: Cast, as_client: SignIn) -> None:
    api, other = make_api(cast, "openapi", ORDERS), make_entity(cast.space, "desk")
    assert as_client(cast.stranger).get(f"/api/v1/entities/{api.uid}/definition").status_code == 404
    assert as_client(cast.member).get(f"/api/v1/entities/{other.uid}/definition").status_code == 404


def test_it_has_no_tab_where_there_is_no_definition(cast: Cast, as_client: SignIn) -> None:
    make_entity(cast.space, "desk")
    tabs = as_client(cast.member).get("/catalog/component/default/desk/").context["tabs"]
    assert "definition" not in [item["panel"].slug for item in tabs]
