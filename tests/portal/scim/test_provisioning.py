"""What a provider can do to accounts and groups, and what it can not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.accounts.models import ApiToken, User
from portal.audit.models import AuditEvent
from portal.scim.models import Record
from portal.spaces.models import Binding
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_token, make_user

pytestmark = pytest.mark.django_db
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
Ask = Callable[..., Any]


@pytest.fixture
def ask(cast: Cast) -> Ask:
    """Ask as the provider does; gives the answer, with its body as ``.body``."""
    token = make_token(cast.operator)

    def asked(method: str, path: str, body: Any = None, **headers: str) -> Any:
        client = Client(headers={"Authorization": f"Bearer {token}", **headers})
        data = "" if body is None else json.dumps(body)
        answer: Any = client.generic(method, f"/scim/v2/{path}", data, content_type="application/scim+json")
        answer.body = json.loads(answer.content or b"null")
        return answer

    return asked


def user(username: str = "ada", **facts: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": username, **facts}


def group(name: str, *members: str) -> dict[str, Any]:
    return {"schemas": [GROUP], "displayName": name, "members": [{"value": uid} for uid in members]}


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def test_it_makes_an_account_that_can_do_nothing_yet(ask: Ask) -> None:
    made = ask(
        "POST", "Users", user(
            externalId="7", name={"givenName": "Ada", "familyName": "Lovelace"},
            emails=[{"value": "a@old.example"}, {"value": "ada@example.com", "primary": True}],
        ),
    )  # fmt: skip
    assert made.status_code == 201
    assert made["Location"].endswith(f"/scim/v2/Users/{made.body['id']}")
    account = User.objects.get(username="ada")
    assert (account.display_name, account.email, account.is_active) == ("Ada Lovelace", "ada@example.com", True)
    assert not account.has_usable_password()
    assert not account.bindings.exists()
    assert ask("POST", "Users", user("ADA")).body["scimType"] == "uniqueness"
    found = ask("GET", 'Users?filter=externalId eq "7"').body
    assert [row["userName"] for row in found["Resources"]] == ["ada"]


def test_suspending_ends_sessions_and_tokens_at_once(ask: Ask, cast: Cast) -> None:
    uid = ask("POST", "Users", user()).body["id"]
    account = User.objects.get(username="ada")
    bind(account, "admin", cast.space)
    browser, token = Client(), make_token(account)
    browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/spaces/stage/").status_code == 200
    done = ask("PATCH", f"Users/{uid}", patch({"op": "Replace", "path": "active", "value": "False"}))
    assert (done.status_code, done.body["active"]) == (200, False)
    assert browser.get("/spaces/stage/").status_code == 302
    assert Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/spaces/").status_code == 401
    # Taking the attribute away says nothing about it.
    ask("PATCH", f"Users/{uid}", patch({"op": "remove", "path": "active"}))
    account.refresh_from_db()
    assert not account.is_active
    ask("PATCH", f"Users/{uid}", patch({"op": "replace", "value": {"active": True}}))
    account.refresh_from_db()
    assert account.is_active


def test_deleting_leaves_nothing_that_a_namesake_would_inherit(ask: Ask, cast: Cast) -> None:
    uid = ask("POST", "Users", user()).body["id"]
    account = User.objects.get(username="ada")
    bind(account, "admin", cast.space)
    make_token(account)
    make_group("crew", account)
    assert ask("DELETE", f"Users/{uid}").status_code == 204
    assert ask("GET", f"Users/{uid}").status_code == 404
    account.refresh_from_db()
    assert not account.is_active
    assert not Binding.objects.filter(user=account).exists()
    assert not ApiToken.objects.filter(owner=account).exists()
    assert not account.groups.exists()
    again = ask("POST", "Users", user(externalId="8"))
    assert (again.status_code, again.body["id"]) == (201, uid)
    account.refresh_from_db()
    assert account.is_active


def test_it_never_sees_or_takes_an_account_that_was_made_here(ask: Ask, cast: Cast) -> None:
    names = [row["userName"] for row in ask("GET", "Users").body["Resources"]]
    assert names == []
    assert ask("POST", "Users", user("owner")).status_code == 409
    assert ask("GET", 'Users?filter=userName eq "owner"').body["totalResults"] == 0
    uid = ask("POST", "Users", user()).body["id"]
    assert ask("PUT", f"Users/{uid}", user("operator")).status_code == 409
    assert User.objects.get(username="operator").is_active


def test_it_finds_accounts_of_single_sign_on(ask: Ask) -> None:
    outside = make_user("grace")
    outside.set_unusable_password()
    outside.save()
    found = ask("GET", 'Users?filter=userName eq "GRACE"').body["Resources"]
    assert found[0]["emails"] == [{"value": "grace@example.com", "primary": True}]
    changed = ask("PATCH", f"Users/{found[0]['id']}", patch({"op": "add", "path": "title", "value": "Admiral"}))
    assert changed.body["title"] == "Admiral"


def test_it_does_not_lock_out_the_last_admin(ask: Ask, cast: Cast, root: Any) -> None:
    uid = ask("POST", "Users", user()).body["id"]
    account = User.objects.get(username="ada")
    bind(account, "admin", root)
    User.objects.filter(username="operator").update(is_active=True)
    token = make_token(account)
    Binding.objects.filter(user=cast.operator).delete()
    client = Client(headers={"Authorization": f"Bearer {token}"})
    body = json.dumps(patch({"op": "replace", "path": "active", "value": False}))
    answer = client.generic("PATCH", f"/scim/v2/Users/{uid}", body, content_type="application/scim+json")
    assert answer.status_code == 409
    account.refresh_from_db()
    assert account.is_active
    assert client.generic("DELETE", f"/scim/v2/Users/{uid}").status_code == 409


def test_groups_follow_with_nested_ones_and_roles_hold_at_once(ask: Ask, cast: Cast) -> None:
    ada = ask("POST", "Users", user()).body["id"]
    inner = ask("POST", "Groups", group("Kernel", ada))
    outer = ask("POST", "Groups", group("Engineering", inner.body["id"]))
    assert (inner.status_code, outer.status_code) == (201, 201)
    assert outer.body["members"][0]["type"] == "Group"
    bind(Group.objects.get(name="scim:Engineering"), "writer", cast.space)
    browser = Client()
    browser.force_login(User.objects.get(username="ada"), backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/spaces/stage/").status_code == 200
    gone = ask("PATCH", f"Groups/{inner.body['id']}", patch({"op": "remove", "path": f'members[value eq "{ada}"]'}))
    assert gone.status_code == 200
    assert browser.get("/spaces/stage/").status_code == 404
    cycle = patch({"op": "add", "path": "members", "value": [{"value": outer.body["id"]}]})
    refused = ask("PATCH", f"Groups/{inner.body['id']}", cycle)
    assert (refused.status_code, refused.body["scimType"]) == (400, "invalidValue")
    assert ask("DELETE", f"Groups/{outer.body['id']}").status_code == 204
    assert not Group.objects.filter(name="scim:Engineering").exists()


@pytest.mark.parametrize("name", ["crew", "sso:corp/admins", "scim:crew", "Crew "])
def test_no_name_of_a_group_gains_what_another_has(ask: Ask, cast: Cast, name: str) -> None:
    bind(make_group("crew"), "admin", cast.space)
    bind(make_group("sso:corp/admins"), "admin", cast.space)
    ada = ask("POST", "Users", user()).body["id"]
    assert ask("POST", "Groups", group(name, ada)).status_code == 201
    browser = Client()
    browser.force_login(User.objects.get(username="ada"), backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/spaces/stage/").status_code == 404


def test_large_groups_take_few_statements(ask: Ask, django_assert_max_num_queries: Any) -> None:
    accounts = User.objects.bulk_create([User(username=f"person-{number}", password="!") for number in range(2000)])
    records = Record.objects.bulk_create([Record(user=account) for account in accounts])
    uid = ask("POST", "Groups", group("Everybody")).body["id"]
    everybody = group("Everybody", *(str(row.uid) for row in records))
    with django_assert_max_num_queries(60):
        assert len(ask("PUT", f"Groups/{uid}", everybody).body["members"]) == 2000
    one = patch({"op": "remove", "path": f'members[value eq "{records[5].uid}"]'})
    assert len(ask("PATCH", f"Groups/{uid}", one).body["members"]) == 1999


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('filter=userName sw "a"', ["ada"]), ('filter=name.familyName eq "Hopper"', ["grace"]),
        ('filter=emails[type eq "work" and value co "@navy"]', ["grace"]), ("filter=title pr", ["grace"]),
        ('filter=not (userName eq "ada") and active eq true', ["grace", "linus"]),
        ('filter=userName eq "ada" or (userName ew "s" and title pr)', ["ada"]),
        ("sortBy=userName&sortOrder=descending", ["linus", "grace", "ada"]), ("startIndex=2&count=1", ["grace"]),
        ("count=0", []), ("startIndex=9", []),
    ],
)  # fmt: skip
def test_it_filters_sorts_and_pages(ask: Ask, query: str, found: list[str]) -> None:
    ask("POST", "Users", user())
    work = [{"type": "work", "value": "grace@navy.example"}]
    ask("POST", "Users", user("grace", name={"familyName": "Hopper"}, emails=work, title="Admiral"))
    ask("POST", "Users", user("linus"))
    answer = ask("GET", f"Users?{query}")
    assert answer.status_code == 200
    assert [row["userName"] for row in answer.body.get("Resources", [])] == found


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "Users", {"schemas": [USER]}, 400, "invalidValue"),
        ("POST", "Users", {"userName": 7, "schemas": [USER]}, 400, None),
        ("POST", "Users", ["x"], 400, "invalidSyntax"), ("POST", "Users", user("a\x00b"), 400, "invalidSyntax"),
        ("GET", "Users?filter=userName is nice", None, 400, "invalidFilter"),
        ("GET", "Users?filter=nothing eq 1", None, 400, "invalidFilter"),
        ("POST", "Groups", group("Crew", "00000000-0000-4000-8000-000000000000"), 400, "invalidValue"),
        ("POST", "Groups", group("Crew", "ada"), 400, "invalidValue"), ("GET", "Me", None, 501, None),
        ("POST", "Bulk", {}, 501, None), ("GET", "Nothing", None, 404, None), ("DELETE", "Users", None, 405, None),
        ("GET", "Users/00000000-0000-4000-8000-000000000000", None, 404, None),
    ],
)  # fmt: skip
def test_it_says_in_the_standard_s_words_what_is_wrong(
    ask: Ask, method: str, path: str, body: Any, status: int, kind: str | None
) -> None:
    answer = ask(method, path, body)
    assert (answer.status_code, answer.body["status"]) == (status, str(status))
    assert answer.body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert answer.body["detail"]
    assert kind is None or answer.body.get("scimType") == kind


def test_versions_keep_two_writers_apart(ask: Ask) -> None:
    made = ask("POST", "Users", user())
    uid, etag = made.body["id"], made["ETag"]
    assert ask("GET", f"Users/{uid}", **{"If-None-Match": etag}).status_code == 304
    assert ask("PUT", f"Users/{uid}", user(title="One"), **{"If-Match": etag}).status_code == 200
    late = ask("PUT", f"Users/{uid}", user(title="Two"), **{"If-Match": etag})
    assert late.status_code == 412
    assert ask("GET", f"Users/{uid}?attributes=title").body["title"] == "One"


def test_everything_is_audited_and_no_password_is_kept(ask: Ask) -> None:
    uid = ask("POST", "Users", user(password="s3cret-of-ada")).body["id"]
    ask("DELETE", f"Users/{uid}")
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-2:] == ["user.provision", "user.deprovision"]
    assert "s3cret-of-ada" not in str(list(Record.objects.values())) + str(list(AuditEvent.objects.values()))
    assert not User.objects.get(username="ada").has_usable_password()
