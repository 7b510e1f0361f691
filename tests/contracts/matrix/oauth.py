"""Addresses of the OpenID provider, its clients, and what people let tools do."""

from __future__ import annotations

from allauth.idp.oidc.models import Client

from portal.oauth.models import Grant
from tests.contracts.matrix import API_SIGNED_IN, PUBLIC, SIGNED_IN, Row, Stage

ROOT_PAGE = {"GET": "302 404 404 404 404 200"}
ROOT_API = {"GET": "401 404 404 404 404 200"}
ROOT_POST = {"POST": "302 404 404 404 404 302"}
EVERYBODY_400 = {"POST": "400 400 400 400 400 400"}
NARROW = {"reading token of owner": 403}


def tool(stage: Stage) -> dict[str, object]:
    def make() -> Client:
        made = Client(id="toolbox", name="Toolbox", scopes="openid\napi", redirect_uris="https://tool.example.com/back")
        made.set_grant_types(["authorization_code", "refresh_token"])
        made.save()
        return made

    return {"pk": stage.once("tool", make).pk}


def tool_by_api(stage: Stage) -> dict[str, object]:
    return {"client_id": tool(stage)["pk"]}


def grant(stage: Stage) -> dict[str, object]:
    tool(stage)
    made = stage.once("grant", lambda: Grant.objects.create(user=stage.cast.operator, client_id="toolbox"))
    return {"uid": made.uid}


def new_tool(stage: Stage) -> dict[str, object]:
    return {"name": "New", "scopes": ["openid"], "redirect_uris": "https://new.example.com/back"}


def new_tool_by_api(stage: Stage) -> dict[str, object]:
    return new_tool(stage) | {"redirect_uris": ["https://new.example.com/back"]}


ROWS = [
    Row("idp:oidc:configuration", PUBLIC),
    Row("idp:oidc:metadata", PUBLIC),
    Row("idp:oidc:jwks", PUBLIC),
    # Without a tool's parameters there is nothing to agree to, and the page says so.
    Row("idp:oidc:authorization", SIGNED_IN),
    Row("idp:oidc:authorization", {"POST": "302 302 302 302 302 302"}),
    Row("idp:oidc:device_authorization", SIGNED_IN | {"POST": "302 200 200 200 200 200"}),
    Row("idp:oidc:device_code", EVERYBODY_400),
    Row("idp:oidc:token", EVERYBODY_400),
    Row("idp:oidc:revoke", EVERYBODY_400),
    Row("idp:oidc:userinfo", {"GET": "401 401 401 401 401 401", "POST": "401 401 401 401 401 401"}),
    Row("idp:oidc:logout", {"GET": "302 200 200 200 200 200", "POST": "302 200 200 200 200 200"}),
    Row("oauth:list", ROOT_PAGE),
    Row("oauth:create", ROOT_PAGE | {"POST": "302 404 404 404 404 200"}, body=new_tool),
    Row("oauth:detail", ROOT_PAGE, tool),
    Row("oauth:change", ROOT_PAGE | ROOT_POST, tool, new_tool),
    Row("oauth:secret", {"POST": "302 404 404 404 404 200"}, tool),
    Row("oauth:delete", ROOT_POST, tool),
    Row("oauth:grants", SIGNED_IN),
    Row("oauth:take_back", ROOT_POST, grant),
    Row("api-oauth-client-list", ROOT_API | {"POST": "401 404 404 404 404 201"}, body=new_tool_by_api),
    Row(
        "api-oauth-client-detail",
        ROOT_API | {"PATCH": "401 404 404 404 404 200", "DELETE": "401 404 404 404 404 204"},
        tool_by_api,
        lambda stage: {"name": "Changed"},
    ),
    Row("api-oauth-client-secret", {"POST": "401 404 404 404 404 200"}, tool_by_api),
    Row("api-oauth-grant-list", API_SIGNED_IN, others=NARROW),
    Row("api-oauth-grant-detail", {"DELETE": "401 404 404 404 404 204"}, grant, others=NARROW),
]
