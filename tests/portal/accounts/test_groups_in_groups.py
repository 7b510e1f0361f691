"""Groups in groups, by page and by API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import GroupParent, User
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_members_of_an_inner_group_have_the_outer_one_s_roles_at_once(as_client: SignIn, cast: Cast) -> None:
    guest = make_user("guest")
    outer, inner = make_group("outer"), make_group("inner", guest)
    bind(outer, "reader", cast.space)
    browser = Client()
    browser.force_login(guest, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/spaces/stage/").status_code == 404
    client = as_client(cast.operator)
    client.post(f"/people/groups/{outer.pk}/groups/", {"child": "inner"})
    assert browser.get("/spaces/stage/").status_code == 200
    page = client.get(f"/people/groups/{outer.pk}/").content.decode()
    assert "1 more person: guest" in " ".join(page.split())
    refused = client.post(f"/people/groups/{inner.pk}/groups/", {"child": "outer"}, follow=True)
    assert "can not be in each other" in refused.content.decode()
    unknown = client.post(f"/people/groups/{inner.pk}/groups/", {"child": "nobody"}, follow=True)
    assert "no group called" in unknown.content.decode()
    client.post(f"/people/groups/{outer.pk}/groups/{inner.pk}/remove/")
    assert browser.get("/spaces/stage/").status_code == 404


def test_the_api_nests_tells_and_takes_out(as_client: SignIn, cast: Cast) -> None:
    outer = make_group("outer")
    make_group("inner")
    client = as_client(cast.operator)
    address = f"/api/v1/groups/{outer.pk}"
    assert client.post(f"{address}/groups/", {"group": "inner"}, "application/json").json()["groups"] == ["inner"]
    wrong = client.post(f"{address}/groups/", {"group": "none"}, "application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "group")
    assert client.post(f"{address}/groups/remove/", {"group": "inner"}, "application/json").json()["groups"] == []
    assert not GroupParent.objects.exists()
