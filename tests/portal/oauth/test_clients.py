"""Registering tools."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.idp.oidc.models import Client as Tool

from portal.accounts.subjects import person
from portal.lib.errors import Invalid
from portal.oauth.clients import create_client, update_client
from tests.conftest import Cast
from tests.factories.portal import make_token
from tests.portal.oauth.conftest import Flow, call

pytestmark = pytest.mark.django_db


def register(cast: Cast, **facts: Any) -> Tool:
    values = {
        "name": "Tool",
        "scopes": ["openid"],
        "redirect_uris": ["https://a.example/b"],
        "is_public": False,
    } | facts
    return create_client(subject=person(cast.operator), **values)[0]


@pytest.mark.parametrize(
    "uri",
    ["http://a.example/b", "javascript:alert(1)", "data:text/html,x", "https://a.example/b#part", "https://*.example/",
     "https://me@a.example/", "com.example.tool:/done", "https://", "//a.example/b", "https://a.example:99999/"],
)  # fmt: skip
def test_codes_go_to_no_such_address(cast: Cast, uri: str) -> None:
    with pytest.raises(Invalid):
        register(cast, redirect_uris=[uri])


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "http://localhost:8085/cb", "com.example.tool:/done"])
def test_public_clients_come_back_to_the_own_machine(cast: Cast, uri: str) -> None:
    assert register(cast, redirect_uris=[uri], is_public=True).get_redirect_uris() == [uri]


@pytest.mark.parametrize(
    "facts",
    [{"is_first_party": True, "is_public": True}, {"is_first_party": True, "scopes": ["openid", "api"]},
     {"may_use_device": True}, {"scopes": ["openid", "root"]}, {"scopes": []}, {"name": " "}, {"redirect_uris": []}],
)  # fmt: skip
def test_what_can_not_be_registered(cast: Cast, facts: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        register(cast, **facts)


def test_people_are_not_asked_for_a_tool_of_the_own_organisation(flow: Flow, cast: Cast) -> None:
    update_client(
        subject=person(cast.operator), client=flow.tool, scopes=["openid", "profile", "email"], is_first_party=True
    )
    flow.sign_in(cast.member)
    answer = flow.ask()
    assert answer.status_code == 302
    assert "code=" in answer["Location"]


def test_a_secret_is_told_once_and_can_be_renewed(flow: Flow, cast: Cast) -> None:
    token = make_token(cast.operator)
    made = call(
        token, "post", "/api/v1/oauth-clients/", name="New", scopes=["openid"], redirect_uris=["https://a.example/b"]
    )
    assert made.status_code == 201, made.content
    secret, key = made.json()["client_secret"], made.json()["client_id"]
    assert secret.startswith("cbs_")
    assert "client_secret" not in call(token, path=f"/api/v1/oauth-clients/{key}/").json()
    assert secret not in Tool.objects.get(pk=key).secret
    renewed = call(token, "post", f"/api/v1/oauth-clients/{key}/secret/").json()["client_secret"]
    assert Tool.objects.get(pk=key).check_secret(renewed)
    assert not Tool.objects.get(pk=key).check_secret(secret)


def test_only_admins_of_root_register_tools(flow: Flow, cast: Cast) -> None:
    token = make_token(cast.owner)
    assert call(token, path="/api/v1/oauth-clients/").status_code == 404
