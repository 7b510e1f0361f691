"""Signing in and out, and what the trail keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from tests.factories.portal import make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def trail(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def sign_in(client: Client, login: str, password: str = "password", **more: str) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password, **more})


def test_it_signs_in_by_name_or_address_and_goes_where_one_wanted(client: Client) -> None:
    make_user("ada")
    response = sign_in(client, "ada@example.com", next="/spaces/")
    assert response["Location"] == "/spaces/"
    [event] = trail("session.create")
    assert (event.actor_label, event.arguments, event.address) == ("ada", {"via": "password"}, "127.0.0.1")


def test_it_never_goes_to_another_site_after_sign_in(client: Client) -> None:
    make_user("ada")
    assert sign_in(client, "ada", next="https://elsewhere.example/")["Location"] == "/"


def test_it_records_a_refused_sign_in_without_what_was_typed(client: Client) -> None:
    response = sign_in(client, "my-secret-typed-into-the-wrong-field", "x")
    assert response.status_code == 200
    assert "not correct" in response.content.decode()
    [event] = trail("session.refuse")
    assert (event.actor_label, event.object_label, event.arguments) == ("anonymous", "", {"is_known": False})


def test_it_records_whose_account_was_tried(client: Client) -> None:
    make_user("ada")
    sign_in(client, "ada", "wrong")
    [event] = trail("session.refuse")
    assert (event.object_label, event.arguments) == ("ada", {"is_known": True})


def test_it_keeps_suspended_people_out_and_says_so(client: Client) -> None:
    make_user("ada", is_active=False)
    response = client.post("/accounts/login/", {"login": "ada", "password": "password"}, follow=True)
    assert "This account is suspended" in response.content.decode()
    assert client.get("/").status_code == 302


def test_it_ends_a_running_session_of_whoever_is_suspended(as_client: SignIn) -> None:
    user = make_user("ada")
    client = as_client(user)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/").status_code == 302


def test_it_signs_out_by_a_form_only_and_records_it(as_client: SignIn) -> None:
    client = as_client(make_user("ada"))
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert client.get("/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/").status_code == 302
    assert [event.actor_label for event in trail("session.delete")] == ["ada"]


def test_it_lets_nobody_sign_up(client: Client) -> None:
    assert "Accounts are made for you" in client.get("/accounts/signup/").content.decode()
    client.post(
        "/accounts/signup/", {"username": "eve", "email": "eve@example.com", "password1": "p", "password2": "p"}
    )
    assert not User.objects.filter(username="eve").exists()


def test_it_changes_the_own_password(as_client: SignIn) -> None:
    user = make_user("ada")
    form = {"oldpassword": "password", "password1": "a-much-longer-one", "password2": "a-much-longer-one"}
    assert as_client(user).post("/accounts/password/change/", form).status_code == 302
    user.refresh_from_db()
    assert user.check_password("a-much-longer-one")


@pytest.mark.parametrize("path", ["/accounts/password/reset/", "/accounts/password/set/", "/accounts/inactive/"])
def test_it_explains_what_to_do_about_a_lost_password(client: Client, path: str) -> None:
    assert "admin" in client.get(path).content.decode()
