"""Dangerous acts ask again who it is, and go on with what was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import ApiToken, User
from portal.accounts.stepping_up import PROVED_AT
from portal.spaces.models import Space
from tests.conftest import Cast
from tests.factories.portal import make_space, make_token

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def grow_stale(client: Client) -> None:
    """As if the person had signed in an hour ago."""
    session = client.session
    session[PROVED_AT] -= 3600
    session.save()


def test_it_lets_a_session_that_just_signed_in_do_dangerous_things(as_client: SignIn, cast: Cast) -> None:
    assert as_client(cast.operator).get("/people/users/member/password/").status_code == 200


def test_it_asks_first_and_then_leads_to_the_form(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    grow_stale(client)
    asked = client.get("/people/users/member/password/")
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Fpeople%2Fusers%2Fmember%2Fpassword%2F"
    assert "Confirm it is you" in client.get(asked["Location"]).content.decode()
    response = client.post(asked["Location"], {"password": "password"})
    assert response["Location"] == "/people/users/member/password/"
    assert client.get(response["Location"]).status_code == 200


def test_it_does_not_take_a_wrong_password_for_a_confirmation(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    grow_stale(client)
    client.post("/accounts/reauthenticate/?next=/people/users/member/password/", {"password": "wrong"})
    assert client.get("/people/users/member/password/").status_code == 302


def test_it_goes_on_with_what_was_typed(as_client: SignIn, cast: Cast) -> None:
    make_space("doomed")
    client = as_client(cast.operator)
    grow_stale(client)
    asked = client.post("/spaces/doomed/delete/", {"why": "it is <b>old</b>"})
    assert Space.objects.filter(slug="doomed").exists()
    assert client.post(asked["Location"], {"password": "password"})["Location"] == "/account/continue/"
    page = client.get("/account/continue/").content.decode()
    assert 'action="/spaces/doomed/delete/"' in page
    assert 'name="why" value="it is &lt;b&gt;old&lt;/b&gt;"' in page
    client.post("/spaces/doomed/delete/")
    assert not Space.objects.filter(slug="doomed").exists()
    assert client.get("/account/continue/")["Location"] == "/"


def test_it_never_keeps_passwords_in_the_session(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    grow_stale(client)
    form = {"password": "a-secret-that-was-typed"}
    asked = client.post("/people/users/member/password/", form, headers={"Referer": "https://elsewhere.example/x"})
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2F"
    assert "a-secret-that-was-typed" not in str(dict(client.session))


def test_it_shows_what_is_kept_to_those_who_confirmed_only(as_client: SignIn, cast: Cast) -> None:
    make_space("doomed")
    client = as_client(cast.operator)
    grow_stale(client)
    client.post("/spaces/doomed/delete/")
    assert "/accounts/reauthenticate/" in client.get("/account/continue/")["Location"]


def test_it_asks_before_the_admin_role_at_root_is_given_and_not_before_others(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    grow_stale(client)
    given = client.post("/spaces/root/bindings/", {"who": "member", "role": "reader"})
    assert given["Location"].startswith("/spaces/root/")
    asked = client.post("/spaces/root/bindings/", {"who": "member", "role": "admin"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not cast.member.bindings.filter(role__slug="admin", space__slug="root").exists()


def test_it_asks_before_a_token_with_all_rights_is_made(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    grow_stale(client)
    assert client.post("/tokens/", {"name": "ci", "lifetime": "30"}).status_code == 302
    assert not ApiToken.objects.exists()
    scoped = {"name": "ci", "lifetime": "30", "role": "reader", "space": "stage"}
    assert client.post("/tokens/", scoped).status_code == 200


def test_it_answers_the_browser_s_api_calls_with_a_code(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    grow_stale(client)
    response = client.post("/api/v1/tokens/", {"name": "ci"}, "application/json")
    assert response.status_code == 403
    assert response.json()["type"] == "urn:callboard:problem:reauthentication_required"


def test_it_never_asks_tokens(client: Client, cast: Cast) -> None:
    bearer = {"Authorization": f"Bearer {make_token(cast.member)}"}
    assert client.post("/api/v1/tokens/", {"name": "ci"}, "application/json", headers=bearer).status_code == 201


def test_it_tells_htmx_to_take_the_whole_page_there(as_client: SignIn, cast: Cast) -> None:
    make_space("doomed")
    client = as_client(cast.operator)
    grow_stale(client)
    response = client.post("/spaces/doomed/delete/", headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert response["HX-Redirect"].startswith("/accounts/reauthenticate/?next=")


def test_it_holds_for_the_stated_time(as_client: SignIn, cast: Cast, settings: Settings) -> None:
    client = as_client(cast.operator)
    settings.FRESH_SECONDS = 7200
    grow_stale(client)
    assert client.get("/people/users/member/password/").status_code == 200
