"""The trail as files: what one may read, as one filtered it, safe for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.test.client import Client as Browser

from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.audit import services as audit
from portal.audit.exports import COLUMNS
from portal.audit.models import AuditEvent
from tests.conftest import Cast
from tests.factories.audit import forget_trail

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def events(cast: Cast) -> Cast:
    forget_trail()
    audit.record(subject=person(cast.owner, address="10.1.2.3"), action="stack.create", obj=cast.space, name="=1+1")
    audit.record(subject=person(cast.stranger, address="192.0.2.1"), action="stack.delete", obj=cast.sibling)
    audit.record(subject=person(cast.operator), action="user.create", obj=cast.member, **{"@x": "@SUM(A1)"})
    return cast


def file(client: Browser, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()


def test_json_lines_have_every_fact(as_client: SignIn, events: Cast) -> None:
    rows = [json.loads(line) for line in file(as_client(events.operator), "/api/v1/audit/export/").splitlines()]
    assert [row["action"] for row in rows[:3]] == ["stack.create", "stack.delete", "user.create"]
    assert set(rows[0]) == set(COLUMNS)
    assert (rows[0]["actor"], rows[0]["address"], rows[0]["space"]) == ("owner", "10.1.2.3", "stage")


def test_the_page_gives_csv_that_no_spreadsheet_runs(as_client: SignIn, events: Cast) -> None:
    User.objects.filter(pk=events.owner.pk).update(display_name="=HYPERLINK(1)")
    owner = User.objects.get(pk=events.owner.pk)
    audit.record(subject=person(owner), action="stack.update", obj=events.space)
    rows = list(csv.reader(io.StringIO(file(as_client(owner), "/audit/export/?form=csv&action=stack.*"))))
    assert tuple(rows[0]) == COLUMNS
    assert all(not cell.startswith(("=", "+", "@", "-")) for row in rows for cell in row)


def test_it_gives_what_one_may_read_and_nothing_else(as_client: SignIn, events: Cast) -> None:
    text = file(as_client(events.owner), "/api/v1/audit/export/?form=csv")
    assert "stack.create" in text
    assert "stack.delete" not in text
    assert "wings" not in text
    assert as_client(events.member).get("/audit/export/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=stack.*", ["stack.create", "stack.delete"]), ("action=user.*&action=stack.delete",
         ["stack.delete", "user.create"]), ("address=10.0.0.0/8", ["stack.create"]), ("address=192.0.2.1",
         ["stack.delete"]), ("address=2001:db8::/32", []), ("role=admin&actor=owner", ["stack.create"]),
        ("role=reader", []), ("space=wings", ["stack.delete"]), ("q=stage", ["stack.create"]),
    ],
)  # fmt: skip
def test_it_honours_the_filters(as_client: SignIn, events: Cast, query: str, found: list[str]) -> None:
    text = file(as_client(events.operator), f"/api/v1/audit/export/?{query}")
    rows = [json.loads(line)["action"] for line in text.splitlines()]
    assert [name for name in rows if name != "audit.export"] == found
    listed = as_client(events.operator).get(f"/api/v1/audit/?{query}").json()["results"]
    assert [row["action"] for row in reversed(listed) if row["action"] != "audit.export"] == found


def test_it_says_what_is_wrong_with_a_question(as_client: SignIn, events: Cast) -> None:
    client = as_client(events.operator)
    for query, told in (("form=xml", "csv or jsonl"), ("address=home", "10.1.0.0/16"), ("since=soon", "2026-01-31")):
        answer = client.get(f"/api/v1/audit/export/?{query}")
        assert answer.status_code == 400
        assert told in answer.json()["detail"]


def test_taking_it_is_an_event(as_client: SignIn, events: Cast) -> None:
    file(as_client(events.owner), "/audit/export/?form=jsonl&action=stack.*")
    event = AuditEvent.objects.get(action="audit.export")
    assert (event.actor_label, event.arguments["format"]) == ("owner", "jsonl")
    assert "stack.*" in event.arguments["filters"]["actions"]
