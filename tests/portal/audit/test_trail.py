"""The trail: page and API, rights and filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.audit import services as audit
from portal.audit.models import AuditEvent
from tests.conftest import Cast
from tests.factories.audit import forget_trail, past_the_guard
from tests.factories.portal import make_token

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def events(cast: Cast) -> Cast:
    """One event in each of the two spaces, and one of no space."""
    forget_trail()
    audit.record(subject=person(cast.owner), action="stack.create", obj=cast.space, password="hunter2", size=3)
    audit.record(subject=person(cast.stranger), action="stack.delete", obj=cast.sibling)
    event = audit.record(subject=person(cast.operator), action="user.create", obj=cast.member)
    past_the_guard("UPDATE audit_event SET at = %s WHERE id = %s", datetime(2026, 1, 31, 23, 30, tzinfo=UTC), event.pk)
    return cast


def seen(client: Client, query: str = "") -> list[str]:
    body = client.get(f"/audit/{query}", headers={"HX-Request": "true"}).content.decode()
    known = ("stack.create", "stack.delete", "user.create")
    return [action for action in known if f"?action={action}" in body or f"&amp;action={action}" in body]


def test_it_shows_events_of_the_spaces_that_one_may_audit(as_client: SignIn, events: Cast) -> None:
    assert seen(as_client(events.operator)) == ["stack.create", "stack.delete", "user.create"]
    assert seen(as_client(events.owner)) == ["stack.create"]
    assert seen(as_client(events.stranger)) == ["stack.delete"]
    assert as_client(events.member).get("/audit/").status_code == 404


def test_it_never_names_spaces_or_actions_of_others_in_its_filters(as_client: SignIn, events: Cast) -> None:
    body = as_client(events.owner).get("/audit/").content.decode()
    assert "wings" not in body
    assert "stack.delete" not in body


def test_it_hides_secrets_in_arguments(as_client: SignIn, events: Cast) -> None:
    body = as_client(events.owner).get("/audit/").content.decode()
    assert "hunter2" not in body
    assert "***" in body


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?actor=stranger", ["stack.delete"]),
        ("?action=stack.create&action=user.create", ["stack.create", "user.create"]),
        ("?q=wing", ["stack.delete"]),
        ("?space=stage", ["stack.create"]),
        ("?space=root", ["stack.create", "stack.delete"]),
        ("?until=2026-01-31", ["user.create"]),
        ("?since=2026-02-01", ["stack.create", "stack.delete"]),
        ("?object_type=user", ["user.create"]),
        ("?q=nothing-like-it", []),
    ],
)
def test_it_filters_by_address(as_client: SignIn, events: Cast, query: str, found: list[str]) -> None:
    client = as_client(events.operator)
    plain = make_token(events.operator)
    listed = client.get(f"/api/v1/audit/{query}", headers={"Authorization": f"Bearer {plain}"}).json()["results"]
    assert sorted({row["action"] for row in listed} - {"token.create"}) == found


def test_it_says_which_day_is_none(as_client: SignIn, events: Cast) -> None:
    client = as_client(events.operator)
    assert "is not a day" in client.get("/audit/?since=yesterday").content.decode()
    answer = client.get("/api/v1/audit/?since=yesterday")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "since"


def test_it_names_the_filters_that_are_on_and_how_to_take_them_off(as_client: SignIn, events: Cast) -> None:
    body = as_client(events.operator).get("/audit/?actor=owner&action=stack.create").content.decode()
    assert "by owner" in body
    assert 'href="?actor=owner" title="Remove this filter"' in body


def test_it_answers_programs_by_rights(client: Client, events: Cast) -> None:
    def actions(user: User) -> set[str]:
        headers = {"Authorization": f"Bearer {make_token(user)}"}
        return {row["action"] for row in client.get("/api/v1/audit/", headers=headers).json()["results"]}

    assert actions(events.owner) == {"stack.create"}
    assert actions(events.member) == set()


def test_it_hides_single_events_of_others(client: Client, events: Cast) -> None:
    uid = AuditEvent.objects.get(action="stack.delete").uid
    for user, status in ((events.stranger, 200), (events.owner, 404)):
        headers = {"Authorization": f"Bearer {make_token(user)}"}
        assert client.get(f"/api/v1/audit/{uid}/", headers=headers).status_code == status


def test_it_is_never_edited_through_the_api(client: Client, events: Cast) -> None:
    uid = AuditEvent.objects.get(action="stack.delete").uid
    headers = {"Authorization": f"Bearer {make_token(events.operator)}"}
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"/api/v1/audit/{uid}/", headers=headers).status_code == 405


def test_it_honours_the_space_that_was_chosen(as_client: SignIn, events: Cast) -> None:
    client = as_client(events.operator)
    assert seen(client, "?space=stage") == ["stack.create"]
    assert "wings" not in client.get("/audit/").content.decode()
    client.get("/audit/?space=")
    assert "wings" in client.get("/audit/").content.decode()
