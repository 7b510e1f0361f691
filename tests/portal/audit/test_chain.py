"""The chain over the trail: whoever changes, adds or removes a row is found out."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.subjects import person, system
from portal.audit import chain, retention, tasks
from portal.audit.models import AuditEvent, ChainMark
from portal.audit.services import record
from portal.lib.errors import Invalid
from tests.factories.audit import forget_trail, past_the_guard
from tests.factories.portal import make_user

pytestmark = pytest.mark.django_db


def write(count: int = 5, at: datetime | None = None) -> None:
    for number in range(count):
        event = record(subject=system("test"), action="thing.create", number=number, text="Ünïcode “and” \\ more")
        if at is not None:
            past_the_guard("UPDATE audit_event SET at = %s WHERE id = %s", at, event.pk)


def numbers() -> list[int | None]:
    return list(AuditEvent.objects.order_by("number").values_list("number", flat=True))


@pytest.fixture
def sealed() -> None:
    forget_trail()
    write()
    chain.seal_all()


def test_it_numbers_events_without_gaps_and_fits_them(sealed: None) -> None:
    write(2)
    report = chain.verify()
    assert (report.checked, report.unsealed, report.problems) == (5, 2, [])
    tasks.seal()
    assert numbers() == [1, 2, 3, 4, 5, 6, 7]
    assert chain.verify().checked == 7
    assert chain.seal() == 0


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE audit_event SET actor_label = 'nobody' WHERE number = 3", "Event 3 .* does not fit its digest"),
        ("UPDATE audit_event SET arguments = '{}' WHERE number = 3", "Event 3 .* does not fit"),
        ("UPDATE audit_event SET at = at + interval '1 microsecond' WHERE number = 3", "Event 3 .* does not fit"),
        ("UPDATE audit_event SET roles = ARRAY['admin@root'] WHERE number = 3", "Event 3 .* does not fit"),
        ("DELETE FROM audit_event WHERE number = 3", "Event 3 is missing"),
        ("DELETE FROM audit_event WHERE number IN (1, 2)", "Events 1 to 2 are missing"),
        ("DELETE FROM audit_event WHERE number >= 4", "ends at 3, but 5 was sealed last"),
        ("DELETE FROM audit_event", "ends at 0, but 5 was sealed last"),
        ("UPDATE audit_chain_mark SET number = 4", "ends at 5, but its head says 4"),
        (
            "UPDATE audit_event SET number = CASE number WHEN 2 THEN 103 ELSE 102 END WHERE number IN (2, 3)",
            "Events 2 to 3 are missing",
        ),
    ],
)
def test_it_finds_what_was_done_to_rows(sealed: None, sql: str, told: str) -> None:
    past_the_guard(sql)
    with pytest.raises(AssertionError, match=told):
        assert chain.verify().problems == []


def test_it_finds_an_end_that_was_cut_off_with_its_head_by_a_head_kept_elsewhere(sealed: None) -> None:
    head = chain.mark(ChainMark.Name.HEAD)
    middle = AuditEvent.objects.get(number=3)
    past_the_guard("DELETE FROM audit_event WHERE number > 3")
    ChainMark.objects.filter(name="head").update(number=3, digest=middle.digest)
    assert chain.verify().is_whole
    assert "no event 5" in chain.verify([(head.number, head.digest)]).problems[0]
    write(2)
    chain.seal_all()
    assert chain.verify().is_whole
    assert "Event 5 has another digest" in chain.verify([(head.number, head.digest)]).problems[0]


def test_it_lets_the_database_itself_refuse_changes(sealed: None) -> None:
    for sql in (
        "DELETE FROM audit_event WHERE number = 3", "UPDATE audit_event SET action = 'x' WHERE number = 3",
        "UPDATE audit_event SET number = 9 WHERE number = 3", "UPDATE audit_event SET digest = '' WHERE number = 3",
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match=r"audit|events"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_it_survives_that_people_and_their_accounts_go() -> None:
    forget_trail()
    user = make_user("ada")
    record(subject=person(user), action="thing.create", obj=user)
    chain.seal_all()
    user.delete()
    event = AuditEvent.objects.get(action="thing.create")
    assert (event.actor, event.actor_label) == (None, "ada")
    assert chain.verify().is_whole


def test_it_verifies_with_older_keys_and_says_when_a_key_is_gone(sealed: None, settings: Settings) -> None:
    settings.AUDIT_KEYS = ["new", *settings.ENCRYPTION_KEYS]
    write(1)
    chain.seal_all()
    assert chain.verify().is_whole
    settings.AUDIT_KEYS = ["new"]
    assert "AUDIT_KEYS" in chain.verify().problems[0]


@pytest.mark.django_db(transaction=True)
def test_it_numbers_once_when_many_seal_at_the_same_time() -> None:
    write(40)

    def seal() -> None:
        try:
            for _ in range(20):
                chain.seal(limit=3)
        finally:
            connection.close()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain.seal_all()
    assert numbers() == list(range(1, len(numbers()) + 1))
    assert chain.verify().is_whole


def test_retention_takes_the_beginning_and_the_rest_still_fits(settings: Settings) -> None:
    forget_trail()
    long_ago = datetime(2025, 1, 1, 12, tzinfo=UTC)
    write(3, long_ago)
    write(2)
    settings.AUDIT_RETENTION_DAYS = 0
    tasks.prune()
    assert AuditEvent.objects.count() == 5
    settings.AUDIT_RETENTION_DAYS = 365
    tasks.prune()
    chain.seal_all()
    assert numbers() == [4, 5, 6]
    last = AuditEvent.objects.get(number=6)
    assert (last.action, last.arguments["removed"], last.arguments["last"]) == ("audit.prune", 3, 3)
    assert chain.verify().is_whole
    past_the_guard("DELETE FROM audit_event WHERE number = 4")
    assert "Event 4 is missing" in chain.verify().problems[0]


def test_retention_can_take_everything_but_not_the_future(sealed: None) -> None:
    with pytest.raises(Invalid, match="past"):
        retention.prune(timezone.now() + timedelta(days=1))
    assert retention.prune(timezone.now()) == 5
    assert retention.prune(timezone.now() - timedelta(days=1)) == 0
    chain.seal_all()
    assert numbers() == [6]
    assert chain.verify().is_whole


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("audit", *words, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_verifies_and_tells_the_head(sealed: None) -> None:
    head = run("head").strip()
    assert head.startswith("5:")
    assert run("verify", "--head", head) == "5 events fit; 0 wait to be sealed.\n"
    past_the_guard("DELETE FROM audit_event WHERE number = 2")
    out = io.StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("audit", "verify", stdout=out, stderr=out)
    assert "Event 2 is missing" in out.getvalue()
    with pytest.raises((CommandError, SystemExit)):
        run("verify", "--head", "5")


def test_the_command_exports_and_prunes(sealed: None, settings: Settings) -> None:
    assert run("export", "--format", "jsonl", "--action", "thing.*").count("thing.create") == 5
    assert run("export", "--format", "csv", "--until", "2020-01-31").count("\n") == 1
    assert AuditEvent.objects.filter(action="audit.export").count() == 2
    with pytest.raises(CommandError, match="not a day"):
        run("export", "--since", "yesterday")
    with pytest.raises(CommandError, match="for ever"):
        run("prune")
    assert "0 events from before 2020-01-01 are gone." in run("prune", "--before", "2020-01-01")
