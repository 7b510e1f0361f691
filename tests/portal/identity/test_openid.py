"""OpenID Connect against providers that lie, mix things up, change their mind and go away."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.identity.models import ProviderSession
from portal.identity.oidc.logout import EVENT
from tests.factories.portal import make_user
from tests.portal.identity.conftest import OpenIdProvider, come_back, leave_for, sign_in

pytestmark = pytest.mark.django_db
MakeProvider = Callable[..., OpenIdProvider]


def is_in(client: Client) -> bool:
    return client.get("/spaces/").status_code == 200


def test_it_signs_in_with_pkce_state_and_nonce(client: Client, corp: OpenIdProvider) -> None:
    assert sign_in(client, corp).status_code == 302
    assert is_in(client)
    assert len(corp.asked[0]["code_verifier"]) >= 43


def test_it_asks_for_what_was_configured_whatever_the_link_says(client: Client, corp: OpenIdProvider) -> None:
    asked = leave_for(client, "corp", scope="admin", auth_params="nonce=mine&code_challenge_method=plain")
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert asked["code_challenge_method"] == "S256"
    assert asked["nonce"] != "mine"


def test_it_refuses_the_token_of_another_sign_in(client: Client, corp: OpenIdProvider) -> None:
    corp.nonce = leave_for(client, "corp")["nonce"]
    second = leave_for(client, "corp")
    assert come_back(client, "corp", state=second["state"]).status_code == 401
    assert not is_in(client)


def test_it_takes_no_state_twice(client: Client, corp: OpenIdProvider) -> None:
    asked = leave_for(client, "corp")
    corp.nonce = asked["nonce"]
    assert come_back(client, "corp", state=asked["state"]).status_code == 302
    assert come_back(Client(), "corp", state=asked["state"]).status_code == 401
    assert come_back(client, "corp", state=asked["state"]).status_code == 401


def test_it_refuses_the_state_of_one_provider_at_another(client: Client, make_provider: MakeProvider) -> None:
    first, second = make_provider("first"), make_provider("second")
    asked = leave_for(client, "first")
    first.nonce = second.nonce = asked["nonce"]
    assert come_back(client, "second", state=asked["state"]).status_code == 401
    assert second.asked == []
    assert not is_in(client)


def test_it_refuses_an_answer_that_names_another_issuer(client: Client, make_provider: MakeProvider) -> None:
    first, second = make_provider("first"), make_provider("second")
    asked = leave_for(client, "first")
    first.nonce = asked["nonce"]
    assert come_back(client, "first", state=asked["state"], iss=second.url).status_code == 401
    assert first.asked == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example.com"},
        {"aud": "other"},
        {"aud": ["client", "other"], "azp": "other"},
        {"exp": int(time.time()) - 600},
        {"nonce": None},
    ],
)
def test_it_refuses_tokens_that_are_for_others_or_old(
    client: Client, corp: OpenIdProvider, claims: dict[str, object]
) -> None:
    assert sign_in(client, corp, **claims).status_code == 401
    assert not is_in(client)
    assert AuditEvent.objects.filter(action="session.refuse").exists()


def test_it_refuses_a_token_that_somebody_else_signed(client: Client, corp: OpenIdProvider) -> None:
    genuine = corp.answer("/jwks", {})[1]
    corp.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    answer = corp.answer
    corp.answer = lambda path, body: (200, genuine) if path == "/jwks" else answer(path, body)  # type: ignore[method-assign]
    assert sign_in(client, corp).status_code == 401
    assert not is_in(client)


def test_it_refuses_userinfo_about_somebody_else(client: Client, corp: OpenIdProvider) -> None:
    corp.about = {"sub": "grace", "email": "grace@example.com"}
    assert sign_in(client, corp).status_code == 401
    assert not is_in(client)


def test_it_refuses_a_discovery_document_of_another_issuer(client: Client, corp: OpenIdProvider) -> None:
    corp.document = {"issuer": "https://other.example.com"}
    assert client.post("/accounts/oidc/corp/login/").status_code == 401


def test_it_asks_no_host_that_nobody_configured(client: Client, corp: OpenIdProvider, settings: Settings) -> None:
    corp.document = {"token_endpoint": "http://169.254.169.254/latest/meta-data"}
    assert sign_in(client, corp).status_code == 401


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_it_goes_on_to_own_pages_only(client: Client, corp: OpenIdProvider, target: str) -> None:
    asked = leave_for(client, "corp", next=target)
    corp.nonce = asked["nonce"]
    assert come_back(client, "corp", state=asked["state"])["Location"] == "/"


def test_it_keeps_no_token_in_clear(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    assert ProviderSession.objects.get().refresh_token == "refresh-1"
    with connection.cursor() as cursor:
        cursor.execute("SELECT refresh_token, id_token FROM identity_provider_session")
        refresh, plain = cursor.fetchone()
    assert refresh != "refresh-1"
    assert plain.startswith("gAAAA")


def due() -> None:
    ProviderSession.objects.update(look_again_at=timezone.now())


def names() -> set[str]:
    return set(User.objects.get(username="ada").groups.values_list("name", flat=True))


def test_it_looks_again_when_it_is_time(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp, groups=["a"])
    corp.claims["groups"] = ["b"]
    assert is_in(client)
    assert names() == {"sso:corp/a"}
    due()
    assert is_in(client)
    assert names() == {"sso:corp/b"}
    assert corp.asked[-1]["refresh_token"] == "refresh-1"
    assert ProviderSession.objects.get().refresh_token == "refresh-2"


def test_it_ends_the_session_when_the_provider_refuses_to_refresh(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    corp.refresh_status = 400
    due()
    assert not is_in(client)
    assert ProviderSession.objects.count() == 0


def test_it_is_patient_with_a_provider_that_is_down_but_not_for_ever(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    corp.refresh_status = 503
    due()
    assert is_in(client)
    ProviderSession.objects.update(looked_at=timezone.now() - timedelta(hours=4))
    due()
    assert not is_in(client)


def test_it_refuses_renewed_tokens_of_somebody_else(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp, groups=["a"])
    corp.claims = {"sub": "grace", "groups": ["admins"]}
    due()
    is_in(client)
    assert names() == {"sso:corp/a"}


def logout_token(corp: OpenIdProvider, **claims: object) -> str:
    corp.claims = {"sub": "ada"}
    facts: dict[str, object] = {"events": {EVENT: {}}, "jti": "j1"}
    return signed(corp, **{**facts, **claims})


def signed(corp: OpenIdProvider, **claims: object) -> str:
    now = int(time.time())
    facts = {"iss": corp.url, "aud": "client", "iat": now, "exp": now + 60, **corp.claims, **claims}
    return jwt.encode(facts, corp.signing_key, "RS256", {"kid": "one"})


def test_it_ends_sessions_that_the_provider_ends_and_takes_a_token_once(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    token = logout_token(corp)
    assert Client().post("/accounts/oidc/corp/logout/", {"logout_token": token}).status_code == 200
    assert not is_in(client)
    assert Client().post("/accounts/oidc/corp/logout/", {"logout_token": token}).status_code == 400


@pytest.mark.parametrize("claims", [{"events": {}}, {"nonce": "x"}, {"aud": "other"}, {"sub": ""}])
def test_it_ends_nothing_for_what_is_no_logout_token(
    client: Client, corp: OpenIdProvider, claims: dict[str, object]
) -> None:
    sign_in(client, corp)
    token = logout_token(corp, **claims)
    assert Client().post("/accounts/oidc/corp/logout/", {"logout_token": token}).status_code == 400
    assert is_in(client)


def test_it_signs_out_at_the_provider(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    page = client.post("/accounts/logout/")
    assert page.context["target"].startswith(f"{corp.url}/end?id_token_hint=")
    assert not is_in(client)


def test_it_does_not_keep_the_providers_session_for_whoever_signs_in_next(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    local = make_user("grace")
    local.set_password("a-long-and-odd-one")
    local.save()
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": "grace", "password": "a-long-and-odd-one"})
    assert is_in(client)
    assert "identity_session" not in client.session


def test_it_keeps_what_somebody_began_while_they_confirm_by_the_provider(client: Client, corp: OpenIdProvider) -> None:
    sign_in(client, corp)
    session = client.session
    session["unfinished"] = {"path": "/spaces/"}
    began = session["signed_in_at"] = session["signed_in_at"] - 100
    session.save()
    sign_in(client, corp)
    assert client.session["unfinished"] == {"path": "/spaces/"}
    assert client.session["signed_in_at"] == began
    assert is_in(client)
    sign_in(client, corp, sub="grace", preferred_username="grace")
    assert "unfinished" not in client.session
