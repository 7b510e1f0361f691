"""The code flow as tools go through it: what they get, and what they are refused."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet

from portal.accounts.models import GroupParent
from portal.accounts.subjects import person
from portal.audit.models import AuditEvent
from portal.oauth import keys
from portal.oauth.clients import create_client
from portal.oauth.models import Grant, SigningKey
from tests.conftest import Cast
from tests.factories.portal import make_group
from tests.portal.oauth.conftest import BACK, Flow, call, query_of

pytestmark = pytest.mark.django_db


def claims_of(id_token: str) -> dict[str, Any]:
    published = KeySet.import_key_set(Client().get("/.well-known/jwks.json").json())
    return dict(jwt.decode(id_token, published, algorithms=["RS256"]).claims)


def test_a_person_agrees_and_the_tool_learns_who_they_are(flow: Flow, cast: Cast) -> None:
    inner, outer = make_group("inner", cast.member), make_group("outer")
    GroupParent.objects.create(child=inner, parent=outer)
    flow.sign_in(cast.member)
    made = flow.tokens(scope="openid profile email groups")
    claims = claims_of(made["id_token"])
    assert claims["sub"] == str(cast.member.uid)
    assert claims["aud"] == flow.tool.pk
    assert claims["nonce"] == "n1"
    assert claims["preferred_username"] == "member"
    assert claims["groups"] == ["inner", "outer"]
    assert claims["email_verified"] is False
    asked = Client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {made['access_token']}"})
    assert asked.json()["sub"] == claims["sub"]
    assert made["access_token"].startswith("cbo_")
    assert made["refresh_token"].startswith("cbr_")


def test_the_documents_agree_with_each_other_and_with_the_public_address(flow: Flow, settings: Any) -> None:
    settings.BASE_URL = "https://portal.example.com"
    found = Client().get("/.well-known/openid-configuration").json()
    assert found["issuer"] == "https://portal.example.com"
    assert all(
        value.startswith("https://portal.example.com/") for key, value in found.items() if key.endswith("_endpoint")
    )
    assert found["response_types_supported"] == ["code"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert Client().get("/.well-known/oauth-authorization-server").json() == found
    key = Client().get("/.well-known/jwks.json").json()["keys"][0]
    assert key["kty"] == "RSA"
    assert "d" not in key


def test_signing_in_comes_first(flow: Flow) -> None:
    answer = flow.ask()
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/oauth/authorize")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unauthorized_client|unsupported_response_type"),
        ({"response_type": "code id_token"}, "unauthorized_client|unsupported_response_type"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
def test_what_is_wrong_goes_back_to_the_tool(flow: Flow, cast: Cast, changes: dict[str, Any], error: str) -> None:
    flow.sign_in(cast.member)
    answer = flow.ask(**changes)
    assert answer.status_code == 302
    assert answer["Location"].startswith(BACK)
    assert query_of(answer)["error"] in error.split("|")
    assert "code" not in query_of(answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example.com/back"},
        {"redirect_uri": "https://tool.example.com.evil.example/back"},
        {"redirect_uri": "https://tool.example.com/back/../other"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_tools(flow: Flow, cast: Cast, changes: dict[str, Any]) -> None:
    flow.sign_in(cast.member)
    answer = flow.ask(**changes)
    assert "Location" not in answer
    assert "request is wrong" in answer.content.decode()


def test_consent_to_one_tool_is_none_to_another(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    flow.tokens()
    assert "code" in query_of(flow.ask(prompt="none"))
    other, _ = create_client(
        subject=person(cast.operator), is_public=False, name="Other", redirect_uris=[BACK],
        scopes=["openid", "profile", "email"],
    )  # fmt: skip
    assert query_of(flow.ask(prompt="none", client_id=other.pk))["error"] == "consent_required"


def test_the_answer_of_a_forged_form_is_refused(flow: Flow, cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    flow.sign_in(cast.member)
    page = flow.ask()
    strict.cookies = flow.browser.cookies
    values = {"request": page.context["form"].initial["request"], "scopes": ["openid"], "action": "grant"}
    assert strict.post("/oauth/authorize", values).status_code == 403
    assert not Grant.objects.exists()


def test_somebody_who_says_no_gives_nothing(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    answer = flow.agree(flow.ask(), action="cancel")
    assert query_of(answer) == {"error": "access_denied", "state": "s1"}
    assert not Grant.objects.exists()


def test_a_code_is_good_once_and_its_return_ends_what_came_of_it(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    code = flow.code(scope="openid api:read")
    made = flow.turn(code).json()
    assert call(made["access_token"]).status_code == 200
    assert flow.turn(code).json()["error"] == "invalid_grant"
    assert call(made["access_token"]).status_code == 401
    assert AuditEvent.objects.filter(action="oauth_token.revoke").exists()


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "x" * 48}, {"code_verifier": ""}, {"client_secret": "wrong"}, {"client_secret": ""},
     {"redirect_uri": "https://tool.example.com/other"}, {"client_id": "nobody"}],
)  # fmt: skip
def test_a_code_alone_is_worth_nothing(flow: Flow, cast: Cast, changes: dict[str, str]) -> None:
    flow.sign_in(cast.member)
    answer = flow.turn(flow.code(), **changes)
    assert answer.status_code in {400, 401}
    assert not Token.objects.filter(type=Token.Type.ACCESS_TOKEN).exists()


def test_a_refresh_token_that_comes_back_was_stolen(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    first = flow.tokens(scope="openid api:read")
    second = flow.renew(first["refresh_token"]).json()
    assert call(second["access_token"]).status_code == 200
    assert flow.renew(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert call(second["access_token"]).status_code == 401
    assert flow.renew(second["refresh_token"]).status_code == 400


def test_a_refused_token_request_leaves_nothing_and_counts(flow: Flow, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"token": (3, 600)}
    codes = [flow.turn("no-such-code").status_code for _ in range(5)]
    assert codes == [400, 400, 400, 429, 429]


def test_keys_are_renewed_without_a_gap(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    old = flow.tokens()["id_token"]
    SigningKey.objects.update(signs_from=SigningKey.objects.get().signs_from - keys.SIGNS_FOR)
    keys.tend()
    keys.tend()
    assert SigningKey.objects.count() == 2
    assert len(Client().get("/.well-known/jwks.json").json()["keys"]) == 2
    assert claims_of(old)["aud"] == flow.tool.pk
    keys.rotate(at_once=True)
    assert len(Client().get("/.well-known/jwks.json").json()["keys"]) == 1


def test_signing_out_of_the_tool_can_sign_out_here(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    made = flow.tokens()
    values = {"id_token_hint": made["id_token"], "post_logout_redirect_uri": "https://tool.example.com/bye"}
    page = flow.browser.get("/oauth/logout", values)
    assert "Sign out here, too" in page.content.decode()
    answer = flow.browser.post("/oauth/logout", values | {"action": "logout", "csrfmiddlewaretoken": "x"})
    assert answer["Location"] == "https://tool.example.com/bye"
    assert not flow.browser.session.get("_auth_user_id")
    assert flow.renew(made["refresh_token"]).status_code == 400


def test_signing_out_sends_nobody_elsewhere(flow: Flow, cast: Cast) -> None:
    flow.sign_in(cast.member)
    made = flow.tokens()
    values = {"id_token_hint": made["id_token"], "post_logout_redirect_uri": "https://evil.example.com/"}
    page = flow.browser.get("/oauth/logout", values)
    assert "Location" not in page
