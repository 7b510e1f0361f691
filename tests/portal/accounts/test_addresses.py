"""Where a request comes from, and who a proxy says it is: believed from named networks alone."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.checks import run_checks
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal.accounts.addresses import client_address, is_in
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from tests.factories.portal import make_user

PROXY, STRANGER = "10.0.0.1", "192.0.2.66"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (STRANGER, "203.0.113.9", STRANGER),
        (PROXY, "", PROXY),
        (PROXY, "203.0.113.9", "203.0.113.9"),
        (PROXY, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (PROXY, "1.2.3.4, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (PROXY, "203.0.113.9, rubbish", PROXY),
        (PROXY, "rubbish, 10.0.0.7", "10.0.0.7"),
        (PROXY, "203.0.113.9:4711", "203.0.113.9"),
        (PROXY, "[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_it_takes_the_right_most_address_that_is_no_proxy(
    settings: Settings, peer: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


def test_it_believes_nobody_by_default() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "203.0.113.9"})
    assert client_address(request) == "127.0.0.1"


def test_it_counts_what_is_no_address_as_outside() -> None:
    assert not is_in("rubbish", ["0.0.0.0/0"])
    assert not is_in(None, ["0.0.0.0/0"])


@pytest.fixture
def proxy(settings: Settings) -> Settings:
    """A portal behind a proxy that says who it is."""
    settings.PROXY_AUTH_HEADER, settings.PROXY_AUTH_FROM = "X-Forwarded-User", ["10.0.0.0/8"]
    settings.PROXY_AUTH_EMAIL_HEADER = "X-Forwarded-Email"
    settings.PROXY_AUTH_GROUPS_HEADER = "X-Forwarded-Groups"
    return settings


def ask(client: Client, name: str = "", peer: str = PROXY, path: str = "/account/", **more: str) -> Any:
    headers = ({"X-Forwarded-User": name} if name else {}) | more
    return client.get(path, headers=headers, REMOTE_ADDR=peer)


@pytest.mark.django_db
def test_it_signs_in_whom_the_proxy_names(proxy: Settings, client: Client) -> None:
    more = {"X-Forwarded-Email": "ada@example.com", "X-Forwarded-Groups": "crew, company"}
    assert ask(client, "ada", **more).status_code == 200
    user = User.objects.get()
    assert (user.username, user.email, user.has_usable_password()) == ("ada", "ada@example.com", False)
    assert set(user.groups.values_list("name", flat=True)) == {"sso:proxy/crew", "sso:proxy/company"}
    assert ask(client, "ada").status_code == 200
    assert User.objects.count() == 1
    assert AuditEvent.objects.filter(action="session.create").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["X-Forwarded-User", "X_Forwarded_User"])
def test_it_ignores_the_header_of_everybody_else(proxy: Settings, client: Client, header: str) -> None:
    response = client.get("/account/", headers={header: "ada"}, REMOTE_ADDR=STRANGER)
    assert response.status_code == 302
    spoofed = {header: "ada", "X-Forwarded-For": PROXY}
    assert client.get("/account/", headers=spoofed, REMOTE_ADDR=STRANGER).status_code == 302
    assert not User.objects.exists()


@pytest.mark.django_db
def test_it_ignores_the_header_where_nothing_is_configured(client: Client) -> None:
    assert ask(client, "ada").status_code == 302
    assert not User.objects.exists()


@pytest.mark.django_db
def test_it_ends_the_session_where_the_header_names_somebody_else(proxy: Settings, client: Client) -> None:
    ask(client, "ada")
    key = client.cookies["sessionid"].value
    assert "eve" in ask(client, "eve").content.decode()
    assert client.cookies["sessionid"].value != key
    assert SocialAccount.objects.get(user__username="eve").uid == "eve"


@pytest.mark.django_db
def test_it_ends_the_session_where_the_header_is_gone_or_the_proxy_is_gone_around(
    proxy: Settings, client: Client
) -> None:
    ask(client, "ada")
    assert ask(client, peer=STRANGER).status_code == 302
    ask(client, "ada")
    assert ask(client).status_code == 302


@pytest.mark.django_db
def test_it_ends_a_session_of_another_kind_that_the_proxy_disagrees_with(proxy: Settings, client: Client) -> None:
    client.force_login(make_user("grace"), backend="django.contrib.auth.backends.ModelBackend")
    assert ask(client).status_code == 200
    assert "grace" not in ask(client, "ada").content.decode()


@pytest.mark.django_db
def test_it_never_takes_over_a_local_account_of_that_name(proxy: Settings, client: Client) -> None:
    local = make_user("ada")
    ask(client, "ada")
    assert SocialAccount.objects.get().user != local
    assert SocialAccount.objects.get().user.username == "ada-2"


@pytest.mark.django_db
def test_it_keeps_suspended_people_out(proxy: Settings, client: Client) -> None:
    ask(client, "ada")
    User.objects.update(is_active=False)
    assert ask(client, "ada").status_code == 302
    elsewhere = Client()
    page = elsewhere.get("/account/", headers={"X-Forwarded-User": "ada"}, REMOTE_ADDR=PROXY, follow=True)
    assert "suspended" in page.content.decode()
    assert "_auth_user_id" not in elsewhere.session


def test_it_refuses_to_start_with_a_header_that_anybody_could_send(proxy: Settings) -> None:
    proxy.PROXY_AUTH_FROM = []
    assert "accounts.E002" in {found.id for found in run_checks()}
