"""``/api/v1/spaces``, ``/roles`` and ``/bindings``, by rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import ApiToken, User
from portal.spaces.models import Binding, Space
from tests.conftest import Cast
from tests.factories.portal import make_group, make_space, make_token

pytestmark = pytest.mark.django_db
Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(client: Client) -> Call:
    """Calls the API with a token of somebody; returns the status and the body."""

    def send(method: str, path: str, user: User, body: object = None) -> tuple[int, Any]:
        ask = getattr(client, method)
        facts = (body, "application/json") if body is not None else ()
        response = ask(f"/api/v1/{path}", *facts, headers={"Authorization": f"Bearer {make_token(user)}"})
        return response.status_code, response.json() if response.content else None

    return send


def test_it_lists_visible_spaces(call: Call, cast: Cast) -> None:
    status, body = call("get", "spaces/", cast.stranger)
    assert status == 200
    assert {row["slug"] for row in body["results"]} == {"root", "wings"}
    assert {row["slug"]: row["parent"] for row in body["results"]} == {"root": None, "wings": "root"}


@pytest.mark.parametrize(
    ("method", "body", "owner", "member", "stranger"),
    [("get", None, 200, 200, 404), ("patch", {"name": "New"}, 200, 403, 404), ("delete", None, 204, 403, 404)],
)
def test_it_guards_a_space(
    call: Call, cast: Cast, method: str, body: object, owner: int, member: int, stranger: int
) -> None:
    people = (cast.stranger, cast.member, cast.owner)
    assert [call(method, "spaces/stage/", user, body)[0] for user in people] == [stranger, member, owner]


def test_it_makes_a_space(call: Call, cast: Cast) -> None:
    new = {"slug": "loft", "name": "Loft", "parent": "stage"}
    assert call("post", "spaces/", cast.member, new)[0] == 403
    status, body = call("post", "spaces/", cast.owner, new)
    assert (status, body["parent"], body["is_inheriting"]) == (201, "stage", True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "A b"}, "slug"),
        ({"parent": "wings"}, "parent"),
        ({"parent": "x"}, "parent"),
        ({"slug": "stage"}, "slug"),
    ],
)
def test_it_names_the_field_that_is_wrong(call: Call, cast: Cast, changes: dict[str, str], field: str) -> None:
    status, body = call("post", "spaces/", cast.owner, {"slug": "loft", "name": "L", "parent": "stage", **changes})
    assert status == 400
    assert [row["field"] for row in body["errors"]] == [field]


def test_it_changes_only_what_is_named(call: Call, cast: Cast) -> None:
    Space.objects.filter(pk=cast.space.pk).update(description="Where it happens.")
    body = call("patch", "spaces/stage/", cast.owner, {"name": "Main"})[1]
    assert (body["name"], body["description"], body["is_inheriting"]) == ("Main", "Where it happens.", True)


def test_it_refuses_to_delete_what_holds_things(call: Call, cast: Cast) -> None:
    make_space("loft", cast.space)
    status, body = call("delete", "spaces/stage/", cast.owner)
    assert (status, body["type"]) == (409, "urn:callboard:problem:conflict")


def test_it_tells_everybody_what_roles_permit(call: Call, cast: Cast) -> None:
    body = call("get", "roles/admin/", cast.member)[1]
    assert "binding:manage" in body["permissions"]
    assert {row["slug"] for row in call("get", "roles/", cast.member)[1]["results"]} == {"reader", "writer", "admin"}


def test_it_lists_bindings_of_visible_spaces(call: Call, cast: Cast) -> None:
    body = call("get", "bindings/", cast.stranger)[1]
    assert {row["space"] for row in body["results"]} == {"root", "wings"}
    body = call("get", "bindings/?space=stage&user=member", cast.owner)[1]
    assert [(row["user"], row["role"]) for row in body["results"]] == [("member", "writer")]


def test_it_keeps_bindings_of_tokens_to_their_owners_and_admins(call: Call, cast: Cast) -> None:
    make_token(cast.owner, "reader", cast.space)

    def seen(user: User) -> int:
        return sum(row["token"] is not None for row in call("get", "bindings/", user)[1]["results"])

    assert (seen(cast.owner), seen(cast.operator), seen(cast.member)) == (1, 1, 0)


def test_it_gives_and_takes_roles(call: Call, cast: Cast) -> None:
    make_group("crew")
    new = {"space": "stage", "role": "reader", "group": "crew"}
    assert call("post", "bindings/", cast.member, new)[0] == 403
    assert call("post", "bindings/", cast.stranger, new)[0] == 400
    status, body = call("post", "bindings/", cast.owner, new)
    assert (status, body["group"]) == (201, "crew")
    assert call("delete", f"bindings/{body['uid']}/", cast.member)[0] == 403
    assert call("delete", f"bindings/{body['uid']}/", cast.stranger)[0] == 404
    assert call("delete", f"bindings/{body['uid']}/", cast.owner)[0] == 204
    assert not Binding.objects.filter(group__name="crew").exists()


def test_it_binds_a_token_by_its_identifier(call: Call, cast: Cast) -> None:
    make_token(cast.member, "reader", cast.space)
    uid = str(ApiToken.objects.get(owner=cast.member).uid)
    status, body = call("post", "bindings/", cast.owner, {"space": "stage", "role": "writer", "token": uid})
    assert (status, body["token"]) == (201, uid)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "king"},
        {"user": "nobody"},
        {"group": "member"},
        {"user": None},
        {"group": "crew"},
        {"space": "nowhere"},
    ],
)
def test_it_refuses_wrong_bindings(call: Call, cast: Cast, changes: dict[str, Any]) -> None:
    body = {"space": "stage", "role": "reader", "user": "member", **changes}
    assert call("post", "bindings/", cast.owner, body)[0] == 400


def test_it_asks_anonymous_callers_to_sign_in(client: Client, cast: Cast) -> None:
    for path in ("spaces/", "roles/", "bindings/", "tokens/", "users/", "users/me/", "groups/", "audit/"):
        response = client.get(f"/api/v1/{path}")
        assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


def test_it_describes_itself(client: Client) -> None:
    response = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    document = response.json()
    assert "/api/v1/spaces/{slug}/" in document["paths"]
    assert document["paths"]["/api/v1/spaces/"]["post"]["summary"].startswith("Make a space below another")
    assert set(document["components"]["securitySchemes"]) >= {"token", "session"}
