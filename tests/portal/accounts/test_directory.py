"""Sign-in with the password of a directory, against a real OpenLDAP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from portal.accounts.ldap.directory import Directory, DirectoryUnavailable, name_of
from portal.accounts.ldap.options import Options
from portal.accounts.models import User
from portal.accounts.stepping_up import PROVED_AT
from portal.audit.models import AuditEvent
from tests.factories.portal import make_user
from tests.portal.accounts.directory_server import SERVICE, SUFFIX, DirectoryServer, find_slapd, start

pytestmark = [pytest.mark.enable_socket, pytest.mark.xdist_group("directory")]
PEOPLE, GROUPS = f"ou=people,{SUFFIX}", f"ou=groups,{SUFFIX}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    """A running directory."""
    slapd = find_slapd()
    if slapd is None:
        if os.environ.get("CALLBOARD_REQUIRE_ALL"):
            pytest.fail("OpenLDAP (slapd) is not installed")
        pytest.skip("no OpenLDAP (slapd) on this machine; `make test` installs it on Debian")
    running = start(tmp_path_factory.mktemp("directory"), slapd)
    yield running
    running.stop()


@pytest.fixture
def values(server: DirectoryServer) -> dict[str, Any]:
    """Settings of a search with a service account over TLS."""
    return {
        "urls": (server.ldaps,), "bind_dn": SERVICE, "bind_password": "service-password", "user_base": PEOPLE,
        "group_base": GROUPS, "ca_file": str(server.ca_file), "timeout": 3,
    }  # fmt: skip


def prove(values: dict[str, Any], login: str, password: str, **more: Any) -> Any:
    return Directory(Options(**(values | more))).prove(login, password)


def test_it_reads_who_somebody_is_and_the_groups_of_their_groups(values: dict[str, Any]) -> None:
    entry = prove(values, "ada", "ada-password")
    assert (entry.username, entry.name, entry.email) == ("ada", "Ada Lovelace", "ada@example.org")
    assert entry.groups == ("company", "crew", "ring", "world")
    assert len(entry.uid) == 36


def test_it_goes_up_groups_to_a_depth(values: dict[str, Any]) -> None:
    assert prove(values, "ada", "ada-password", group_depth=1).groups == ("crew",)
    assert prove(values, "grace", "grace-password").groups == ()


def test_it_takes_starttls(values: dict[str, Any], server: DirectoryServer) -> None:
    assert prove(values, "ada", "ada-password", urls=(server.ldap,)) is not None


def test_it_binds_directly_by_a_pattern(values: dict[str, Any]) -> None:
    pattern = {"user_dn": f"uid={{login}},{PEOPLE}", "group_base": ""}
    assert prove(values, "ada", "ada-password", **pattern).name == "Ada Lovelace"
    assert prove(values, "ada", "wrong", **pattern) is None
    assert prove(values, f"ada,{PEOPLE}", "ada-password", **pattern) is None


@pytest.mark.parametrize("password", ["", "wrong", "ada-password\x00"])
def test_it_refuses_wrong_and_empty_passwords(values: dict[str, Any], password: str) -> None:
    assert prove(values, "ada", password) is None
    assert prove(values, "ada", password, user_dn=f"uid={{login}},{PEOPLE}") is None


@pytest.mark.parametrize("login", ["*", "a*", "ada)(uid=*", "ada)(|(uid=*", "*)(objectClass=*", "\\2a", "nobody", ""])
def test_it_takes_what_is_typed_for_text_and_not_for_a_filter(values: dict[str, Any], login: str) -> None:
    assert prove(values, login, "ada-password") is None


def test_it_refuses_a_login_that_fits_two_people(values: dict[str, Any]) -> None:
    assert prove(values, "twin", "twin-password", user_base=SUFFIX) is None
    assert prove(values, "twin", "twin-password") is not None


def test_it_follows_no_referral(values: dict[str, Any]) -> None:
    assert prove(values, "elsewhere", "any") is None


def test_it_tries_the_next_server(values: dict[str, Any], server: DirectoryServer) -> None:
    assert prove(values, "ada", "ada-password", urls=("ldaps://localhost:1", server.ldaps)) is not None
    with pytest.raises(DirectoryUnavailable):
        prove(values, "ada", "ada-password", urls=("ldaps://localhost:1",))


def test_it_trusts_no_certificate_that_it_was_not_told_to(values: dict[str, Any], server: DirectoryServer) -> None:
    with pytest.raises(DirectoryUnavailable):
        prove(values, "ada", "ada-password", ca_file="")
    with pytest.raises(DirectoryUnavailable):
        prove(values, "ada", "ada-password", urls=(server.ldaps.replace("localhost", "127.0.0.1"),))


def test_it_says_that_the_portal_s_own_account_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(DirectoryUnavailable, match="LDAP_BIND_DN"):
        prove(values, "ada", "ada-password", bind_password="wrong")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"urls": ("ldap://x",), "is_starttls": False}, "plain"),
        ({"urls": ("http://x",)}, "ldaps://"),
        ({"user_base": ""}, "LDAP_USER_BASE"),
        ({"user_filter": "(uid=ada)"}, "LDAP_USER_FILTER"),
        ({"user_dn": "uid=ada"}, "LDAP_USER_DN"),
    ],
)
def test_it_stops_the_start_where_the_settings_are_unsafe(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=words):
        Options(**({"urls": ("ldaps://x",), "user_base": PEOPLE} | more))


@pytest.mark.parametrize(
    ("dn", "name"), [("cn=crew,ou=g", "crew"), ("cn=a\\,b,ou=g", "a,b"), ("", ""), ("rubbish", "")]
)
def test_it_names_groups_by_their_first_part(dn: str, name: str) -> None:
    assert name_of(dn).replace("\\,", ",") == name


@pytest.fixture
def signs_in(values: dict[str, Any], settings: Settings, client: Client) -> Client:
    """A client of a portal with this directory."""
    settings.LDAP = values
    return client


def sign_in(client: Client, login: str, password: str) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password})


@pytest.mark.django_db
def test_it_makes_an_account_at_the_first_sign_in_and_knows_it_at_the_second(signs_in: Client) -> None:
    assert sign_in(signs_in, "ada", "ada-password").status_code == 302
    user = User.objects.get(username="ada")
    assert (user.email, user.display_name, user.has_usable_password()) == ("ada@example.org", "Ada Lovelace", False)
    assert signs_in.get("/account/").status_code == 200
    signs_in.logout()
    assert sign_in(signs_in, "ada", "ada-password").status_code == 302
    assert User.objects.count() == 1
    assert AuditEvent.objects.filter(action="user.create", arguments__via="ldap").count() == 1


@pytest.mark.django_db
def test_it_puts_people_into_groups_of_the_directory(signs_in: Client) -> None:
    sign_in(signs_in, "ada", "ada-password")
    names = set(User.objects.get().groups.values_list("name", flat=True))
    assert names == {f"sso:ldap/{name}" for name in ("company", "crew", "ring", "world")}


@pytest.mark.django_db
def test_it_never_takes_over_an_account_of_another_kind(signs_in: Client) -> None:
    local = make_user("ada")
    User.objects.filter(pk=local.pk).update(email="ada@example.org")
    sign_in(signs_in, "ada", "ada-password")
    link = SocialAccount.objects.get(provider="ldap")
    assert link.user != local
    assert (link.user.username, link.user.email) == ("ada-2", "")
    signs_in.logout()
    sign_in(signs_in, "ada", "password")
    assert signs_in.session["_auth_user_id"] == str(local.pk)


@pytest.mark.django_db
def test_it_keeps_suspended_people_out(signs_in: Client) -> None:
    sign_in(signs_in, "ada", "ada-password")
    signs_in.logout()
    User.objects.update(is_active=False)
    sign_in(signs_in, "ada", "ada-password")
    assert "_auth_user_id" not in signs_in.session


@pytest.mark.django_db
def test_it_confirms_by_the_directory_s_password(signs_in: Client) -> None:
    make_user("ada")
    sign_in(signs_in, "ada", "ada-password")
    session = signs_in.session
    session[PROVED_AT] -= 3600
    session.save()
    before = session[PROVED_AT]
    signs_in.post("/accounts/reauthenticate/?next=/account/", {"password": "password"})
    assert signs_in.session[PROVED_AT] == before
    signs_in.post("/accounts/reauthenticate/?next=/account/", {"password": "ada-password"})
    assert signs_in.session[PROVED_AT] > before


@pytest.mark.django_db
def test_it_says_so_when_the_directory_is_away(signs_in: Client, settings: Settings) -> None:
    settings.LDAP = settings.LDAP | {"urls": ("ldaps://localhost:1",)}
    response = sign_in(signs_in, "ada", "ada-password")
    assert response.status_code == 503
    assert "directory" in response.content.decode()
