"""People and groups: pages and API, by rights."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import AuditEvent
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_token, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PAGES = ["/people/", "/people/groups/", "/people/users/member/"]


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_people_to_those_who_give_roles(as_client: SignIn, cast: Cast, path: str) -> None:
    assert as_client(cast.operator).get(path).status_code == 200
    assert as_client(cast.owner).get(path).status_code == 200
    assert as_client(cast.member).get(path).status_code == 404


def test_it_tells_space_admins_why_they_may_not_change_people(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.owner)
    assert "managed by admins of the root space" in client.get("/people/users/member/").content.decode()
    for path in ("new-person/", "new-group/", "users/member/change/", "users/member/password/"):
        assert client.get(f"/people/{path}").status_code == 403


def test_it_never_names_spaces_that_one_may_not_see(as_client: SignIn, cast: Cast) -> None:
    group = make_group("crew", cast.member)
    bind(group, "reader", cast.space)
    for path in ("/people/users/member/", "/people/groups/", f"/people/groups/{group.pk}/"):
        assert "Stage" not in as_client(cast.stranger).get(path).content.decode()
        assert "Stage" in as_client(cast.owner).get(path).content.decode()


def test_it_filters_people_by_text_and_state(as_client: SignIn, cast: Cast) -> None:
    make_user("zoe", is_active=False)
    body = as_client(cast.operator).get("/people/?q=o&state=suspended").content.decode()
    assert "/people/users/zoe/" in body
    assert "/people/users/owner/" not in body
    assert "<b>1</b> person" in body


def test_it_makes_a_local_account(as_client: SignIn, cast: Cast) -> None:
    form = {"username": "zoe", "display_name": "Zoe", "email": "zoe@example.com", "password": "a-long-enough-one"}
    response = as_client(cast.operator).post("/people/new-person/", form)
    assert response["Location"] == "/people/users/zoe/"
    user = User.objects.get(username="zoe")
    assert user.check_password("a-long-enough-one")
    assert "a-long-enough-one" not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "OWNER"}, "Somebody has this name already"),
        ({"username": "a b"}, "valid username"),
        ({"password": "short"}, "too short"),
        ({"password": "12345678901"}, "entirely numeric"),
        ({"email": "nope"}, "valid email"),
    ],
)
def test_it_says_what_is_wrong_with_an_account(
    as_client: SignIn, cast: Cast, changes: dict[str, str], words: str
) -> None:
    form = {"username": "zoe", "password": "a-long-enough-one", **changes}
    response = as_client(cast.operator).post("/people/new-person/", form)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not User.objects.filter(username="zoe").exists()


def test_it_changes_suspends_and_restores(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    client.post("/people/users/member/change/", {"display_name": "Mo", "email": "mo@example.com"})
    client.post("/people/users/member/state/", {"state": "suspended"})
    user = User.objects.get(username="member")
    assert (str(user), user.is_active) == ("Mo", False)
    client.post("/people/users/member/state/", {"state": "active"})
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"user.update", "user.suspend", "user.restore"} <= actions


def test_it_keeps_admins_from_locking_everybody_out(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    response = client.post("/people/users/operator/state/", {"state": "suspended"}, follow=True)
    assert "You can not suspend yourself" in response.content.decode()
    assert User.objects.get(username="operator").is_active


def test_it_keeps_the_group_that_makes_the_last_admin(as_client: SignIn, cast: Cast, root: object) -> None:
    group = make_group("admins", cast.operator)
    bind(group, "admin", root)  # type: ignore[arg-type]
    cast.operator.bindings.all().delete()
    client = as_client(cast.operator)
    body = client.post(f"/people/groups/{group.pk}/delete/", follow=True).content.decode()
    assert "the last admin of the root space" in body
    response = client.post(f"/people/groups/{group.pk}/change/", {"name": "admins", "members": ""})
    assert response.status_code == 422
    assert list(group.user_set.all()) == [cast.operator]


def test_it_gives_new_passwords_to_local_accounts_only(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    client.post("/people/users/member/password/", {"password": "a-long-enough-one"})
    assert User.objects.get(username="member").check_password("a-long-enough-one")
    outside = make_user("zoe")
    outside.set_unusable_password()
    outside.save()
    response = client.post("/people/users/zoe/password/", {"password": "a-long-enough-one"})
    assert "single sign-on" in response.content.decode()


def test_it_makes_changes_and_deletes_groups(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.operator)
    client.post("/people/new-group/", {"name": "crew", "members": "member\nowner"})
    group = Group.objects.get(name="crew")
    assert set(group.user_set.all()) == {cast.member, cast.owner}
    client.post(f"/people/groups/{group.pk}/change/", {"name": "cast", "members": "member"})
    group.refresh_from_db()
    assert (group.name, list(group.user_set.all())) == ("cast", [cast.member])
    client.post(f"/people/groups/{group.pk}/delete/")
    assert not Group.objects.filter(pk=group.pk).exists()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "crew", "members": "nobody"}, "There is nobody called nobody"),
        ({"name": "sso:crew"}, "belong to groups of the identity provider"),
        ({"name": "taken"}, "already exists"),
        ({"name": ""}, "required"),
    ],
)
def test_it_says_what_is_wrong_with_a_group(as_client: SignIn, cast: Cast, form: dict[str, str], words: str) -> None:
    make_group("taken")
    response = as_client(cast.operator).post("/people/new-group/", form)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_it_leaves_groups_of_single_sign_on_to_the_provider(as_client: SignIn, cast: Cast) -> None:
    group = make_group("sso:crew", cast.member)
    response = as_client(cast.operator).post(f"/people/groups/{group.pk}/change/", {"name": "x", "members": ""})
    assert response.status_code == 422
    assert group.user_set.count() == 1


def call(client: Client, method: str, path: str, user: User, body: object = None) -> tuple[int, object]:
    response = client.generic(
        method, f"/api/v1/{path}", json.dumps(body) if body is not None else "", "application/json",
        headers={"Authorization": f"Bearer {make_token(user)}"},
    )  # fmt: skip
    return response.status_code, response.json() if response.content else None


def test_it_answers_people_by_api_like_by_page(client: Client, cast: Cast) -> None:
    assert call(client, "GET", "users/", cast.member)[0] == 404
    status, body = call(client, "GET", "users/", cast.owner)
    assert status == 200
    assert {row["username"] for row in body["results"]} == {"owner", "member", "stranger", "operator"}  # type: ignore[index]
    new = {"username": "zoe", "password": "a-long-enough-one"}
    assert call(client, "POST", "users/", cast.owner, new)[0] == 403
    status, body = call(client, "POST", "users/", cast.operator, new)
    assert (status, body["username"]) == (201, "zoe")  # type: ignore[index]
    assert "password" not in body  # type: ignore[operator]
    status, body = call(client, "PATCH", "users/zoe/", cast.operator, {"is_active": False, "display_name": "Zoe"})
    assert (status, body["is_active"], body["display_name"]) == (200, False, "Zoe")  # type: ignore[index]
    assert call(client, "PATCH", "users/operator/", cast.operator, {"is_active": False})[0] == 409


def test_it_manages_groups_by_api(client: Client, cast: Cast) -> None:
    assert call(client, "GET", "groups/", cast.member)[0] == 404
    assert call(client, "POST", "groups/", cast.owner, {"name": "crew"})[0] == 403
    status, body = call(client, "POST", "groups/", cast.operator, {"name": "crew", "members": ["member"]})
    assert (status, body["members"]) == (201, ["member"])  # type: ignore[index]
    path = f"groups/{body['id']}/"  # type: ignore[index]
    status, body = call(client, "PUT", path, cast.operator, {"name": "cast", "members": ["owner", "member"]})
    assert (status, body["members"]) == (200, ["member", "owner"])  # type: ignore[index]
    assert call(client, "POST", "groups/", cast.operator, {"name": "x", "members": ["nobody"]})[0] == 400
    assert call(client, "DELETE", path, cast.operator)[0] == 204
