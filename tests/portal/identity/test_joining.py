"""Who may join, what gates refuse, how accounts follow, and how providers are connected and taken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.identity.gates import SignIn, register_gate, unregister_gate
from portal.lib.errors import Forbidden
from tests.factories.portal import make_group, make_user
from tests.portal.identity.conftest import OpenIdProvider, come_back, leave_for, sign_in

pytestmark = pytest.mark.django_db
MakeProvider = Callable[..., OpenIdProvider]
PASSWORD = "a-long-and-odd-one"


def is_in(client: Client) -> bool:
    return client.get("/spaces/").status_code == 200


def test_it_lets_verified_addresses_of_a_domain_join(client: Client, make_provider: MakeProvider) -> None:
    corp = make_provider("corp", join="domains", join_domains=["example.com"])
    sign_in(client, corp, email="ada@EXAMPLE.com", email_verified=True)
    assert is_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ada@example.com"},
        {"email": "ada@example.com", "email_verified": False},
        {"email": "ada@example.com", "email_verified": "no"},
        {"email": "ada@example.com.evil.example", "email_verified": True},
        {"email": "ada@notexample.com", "email_verified": True},
        {},
    ],
)
def test_it_refuses_other_addresses_with_words(
    client: Client, make_provider: MakeProvider, claims: dict[str, Any]
) -> None:
    corp = make_provider("corp", join="domains", join_domains=["example.com"], contact="help@example.com")
    page = sign_in(client, corp, **claims)
    assert page.status_code == 403
    assert "ask help@example.com" in page.content.decode()
    assert not User.objects.exists()
    assert "e-mail" in AuditEvent.objects.get(action="session.refuse").arguments["error"]


def test_it_holds_the_operators_domains_for_every_provider(
    client: Client, corp: OpenIdProvider, settings: Settings
) -> None:
    settings.JOIN_DOMAINS = ["example.com"]
    assert sign_in(client, corp, email="ada@other.example", email_verified=True).status_code == 403
    assert sign_in(client, corp, email="ada@example.com", email_verified=True).status_code == 302


def test_it_lets_members_of_groups_join(client: Client, make_provider: MakeProvider) -> None:
    corp = make_provider("corp", join="groups", join_groups=["staff-*"])
    assert sign_in(client, corp, groups=["guests"]).status_code == 403
    assert sign_in(client, corp, groups=["staff-a"]).status_code == 302


def test_it_lets_nobody_new_join_but_everybody_who_is_there_in(client: Client, make_provider: MakeProvider) -> None:
    corp = make_provider("corp", join="nobody")
    assert sign_in(client, corp).status_code == 403
    SocialAccount.objects.create(user=make_user("ada"), provider="corp", uid="ada")
    assert sign_in(client, corp).status_code == 302


def test_it_refuses_a_newcomer_with_an_address_of_somebody_here_under_the_domains_rule(
    client: Client, make_provider: MakeProvider
) -> None:
    corp = make_provider("corp", join="domains", join_domains=["example.com"])
    local = make_user("ada")
    User.objects.filter(pk=local.pk).update(email="ada@example.com")
    sign_in(client, corp, email="ada@example.com", email_verified=True)
    newcomer = SocialAccount.objects.get().user
    assert newcomer.pk != local.pk
    assert newcomer.email == ""


def test_it_follows_name_and_verified_address(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp, email="ada@example.com", email_verified=True)
    sign_in(Client(), corp, name="Ada King", email="king@example.com", email_verified=True)
    user = User.objects.get()
    assert (user.display_name, user.email) == ("Ada King", "king@example.com")
    sign_in(Client(), corp, email="root@example.com", email_verified=False)
    user.refresh_from_db()
    assert user.email == "king@example.com"


def test_it_never_takes_an_address_that_somebody_else_has(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp, email="ada@example.com", email_verified=True)
    User.objects.filter(pk=make_user("root").pk).update(email="root@example.com")
    sign_in(Client(), corp, email="root@example.com", email_verified=True)
    assert User.objects.get(username="ada").email == "ada@example.com"


@pytest.fixture
def gate() -> Iterator[list[SignIn]]:
    """A gate that refuses whoever is called mallory, and moves people of the group “old” to “new”."""
    seen: list[SignIn] = []

    def asked(facts: SignIn) -> list[str] | None:
        seen.append(facts)
        if facts.user.username == "mallory":
            raise Forbidden("Not from here.")
        return ["new"] if facts.groups and "sso:corp/old" in facts.groups else None

    register_gate(asked)
    yield seen
    unregister_gate(asked)


def with_password(name: str) -> User:
    user = make_user(name)
    user.set_password(PASSWORD)
    user.save()
    return user


def test_it_asks_gates_at_local_sign_ins_too(client: Client, gate: list[SignIn]) -> None:
    with_password("mallory")
    page = client.post("/accounts/login/", {"login": "mallory", "password": PASSWORD})
    assert page.status_code == 403
    assert "Not from here." in page.content.decode()
    assert not is_in(client)
    assert (gate[0].provider, gate[0].address, gate[0].groups) == ("password", "127.0.0.1", None)
    assert AuditEvent.objects.get(action="session.refuse").arguments["error"] == "Not from here."


def test_it_lets_gates_refuse_and_rewrite_groups(client: Client, corp: OpenIdProvider, gate: list[SignIn]) -> None:
    make_group("new")
    sign_in(client, corp, groups=["old"])
    assert set(User.objects.get(username="ada").groups.values_list("name", flat=True)) == {"new"}
    assert gate[0].is_newcomer
    assert gate[0].claims["groups"] == ["old"]
    SocialAccount.objects.create(user=make_user("mallory"), provider="corp", uid="m")
    other = Client()
    assert sign_in(other, corp, sub="m").status_code == 403
    assert not is_in(other)


def test_it_leaves_no_account_of_somebody_whom_a_gate_refuses(
    client: Client, corp: OpenIdProvider, gate: list[SignIn]
) -> None:
    assert sign_in(client, corp, sub="m", preferred_username="mallory").status_code == 403
    assert gate[0].is_newcomer
    assert not User.objects.filter(username="mallory").exists()
    assert AuditEvent.objects.get(action="session.refuse").arguments["error"] == "Not from here."


def test_it_refuses_when_a_gate_breaks(client: Client, corp: OpenIdProvider) -> None:
    def broken(facts: SignIn) -> None:
        raise RuntimeError("broken")

    register_gate(broken)
    try:
        with pytest.raises(RuntimeError):
            sign_in(client, corp)
    finally:
        unregister_gate(broken)
    assert not is_in(client)


def connect(client: Client, provider: OpenIdProvider, sub: str) -> Any:
    provider.claims = {"sub": sub, "email": "ada@example.com", "email_verified": True}
    asked = leave_for(client, provider.key, process="connect")
    provider.nonce = asked["nonce"]
    return come_back(client, provider.key, state=asked["state"])


def test_it_lets_people_connect_a_second_provider_themselves(client: Client, make_provider: MakeProvider) -> None:
    corp, shop = make_provider("corp"), make_provider("shop", join="nobody")
    sign_in(client, corp)
    connect(client, shop, "ada-of-shop")
    user = User.objects.get()
    assert set(user.socialaccount_set.values_list("provider", flat=True)) == {"corp", "shop"}
    other = Client()
    sign_in(other, shop, sub="ada-of-shop")
    assert is_in(other)
    assert AuditEvent.objects.filter(action="user.connect").count() == 1


def test_it_connects_no_account_that_is_somebody_elses(client: Client, make_provider: MakeProvider) -> None:
    corp, shop = make_provider("corp"), make_provider("shop")
    sign_in(Client(), shop, sub="grace")
    sign_in(client, corp)
    connect(client, shop, "grace")
    assert SocialAccount.objects.get(provider="shop").user.username != "ada-of-corp"
    assert User.objects.get(socialaccount__provider="corp").socialaccount_set.count() == 1


def test_it_refuses_to_disconnect_the_last_way_in(client: Client, make_provider: MakeProvider) -> None:
    corp, shop = make_provider("corp"), make_provider("shop")
    sign_in(client, corp, groups=["a"])
    account = SocialAccount.objects.get()
    page = client.post("/accounts/3rdparty/", {"account": account.pk})
    assert "last way in" in page.content.decode()
    connect(client, shop, "ada-of-shop")
    client.post("/accounts/3rdparty/", {"account": account.pk})
    user = User.objects.get()
    assert [row.provider for row in user.socialaccount_set.all()] == ["shop"]
    assert user.groups.count() == 0
    assert not is_in(client)  # the session came from what is no longer connected
