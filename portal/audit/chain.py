"""The chain over the trail: every event gets a number without gaps, and a digest over itself and the digest before.

Verbs write events without either, so that they do not wait for each other; ``seal`` numbers them a moment later. Who
changes, adds or removes a sealed row breaks the chain, unless they have the key. Who cuts the end off and knows the
earlier head leaves a shorter chain that is whole: compare with a head that is kept elsewhere, or stream the trail.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portal.audit.models import AuditEvent, ChainMark
from portal.lib.errors import Unavailable

BATCH = 2000
MOST_PROBLEMS = 20
# The number of the lock under which events are numbered; any constant that nothing else uses.
_LOCK = 7_341_001
_WRITE = """
    UPDATE audit_event AS event SET number = sealed.number, digest = sealed.digest
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS sealed (id, number, digest)
    WHERE event.id = sealed.id AND event.number IS NULL
"""


@dataclass
class Report:
    """What ``verify`` found: how many events fit, how many are not sealed yet, and what is wrong, in words."""

    checked: int = 0
    unsealed: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing is wrong."""
        return not self.problems

    @property
    def is_full(self) -> bool:
        """So much is wrong that the rest need not be told."""
        return len(self.problems) >= MOST_PROBLEMS


@lru_cache(maxsize=4)
def _derived(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"callboard audit chain").derive(secret.encode())
        for secret in secrets
    )


def _keys() -> tuple[bytes, ...]:
    """The keys of the chain, the one in use first."""
    secrets = tuple(settings.AUDIT_KEYS or settings.ENCRYPTION_KEYS)
    if not secrets:
        raise Unavailable("The audit trail has no key. Set AUDIT_KEYS or ENCRYPTION_KEYS.")
    return _derived(secrets)


def _content(event: AuditEvent) -> bytes:
    """What a digest covers: all that the event says, names as they were, in one spelling (RFC 8259, sorted keys)."""
    facts = [
        str(event.uid), event.at.astimezone(UTC).isoformat(timespec="microseconds"), event.actor_label, event.roles,
        event.action, event.object_type, event.object_id, event.object_label, event.space_label, event.arguments,
        event.address,
    ]  # fmt: skip
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(event: AuditEvent, number: int, before: str, key: bytes) -> str:
    """HMAC-SHA-256 of the event at its place, as 64 hexadecimal digits."""
    return hmac.digest(key, f"{number}\n{before}\n".encode() + _content(event), "sha256").hex()


def mark(name: str) -> ChainMark:
    """One end of the chain; number 0 without a digest where nothing was sealed or removed yet."""
    return ChainMark.objects.filter(name=name).first() or ChainMark(name=name)


@transaction.atomic
def seal(limit: int = BATCH) -> int:
    """Number the events that wait, the oldest first. Returns how many; 0 also where another process is at it."""
    key = _keys()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        waiting = list(AuditEvent.objects.filter(number=None).order_by("pk")[:limit])
        if not waiting:
            return 0
        head = mark(ChainMark.Name.HEAD)
        rows = []
        for event in waiting:
            head.number += 1
            head.digest = digest_of(event, head.number, head.digest, key)
            rows.append((event.pk, head.number, head.digest))
        cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
    head.at = timezone.now()
    head.save()
    return len(waiting)


def seal_all() -> int:
    """Number everything that waits."""
    total = 0
    while count := seal():
        total += count
    return total


def verify(remembered: Iterable[tuple[int, str]] = ()) -> Report:
    """Go along the chain, in constant memory, and compare it with its ends and with heads that were kept elsewhere."""
    report, kept = Report(), dict(remembered)
    start, head = mark(ChainMark.Name.START), mark(ChainMark.Name.HEAD)
    number, digest = start.number, start.digest
    _compare(kept, number, digest, report)
    for event in AuditEvent.objects.exclude(number=None).order_by("number").iterator(BATCH):
        if report.is_full:
            return report
        place = event.number or 0
        if place != number + 1:
            report.problems.append(_gap(number + 1, place - 1))
        elif not _fits(event, digest):
            report.problems.append(
                f"Event {place} ({event.action} at {event.at:%Y-%m-%d %H:%M:%S} UTC) does not fit its digest: it or "
                " the one before was changed, or the key that sealed it is not among AUDIT_KEYS any more."
            )
        else:
            report.checked += 1
        number, digest = place, event.digest
        _compare(kept, number, digest, report)
    if (number, digest) != (head.number, head.digest):
        report.problems.append(
            f"The chain ends at {number}, but {head.number} was sealed last: events were removed from its end."
            if number < head.number
            else f"The chain ends at {number}, but its head says {head.number}: the head was changed."
        )
    report.problems += [
        f"The chain has no event {missing} any more, whose digest you kept: its end was cut off and its head rewritten."
        for missing in sorted(kept)
        if missing > number
    ]
    report.unsealed = AuditEvent.objects.filter(number=None).count()
    return report


def _fits(event: AuditEvent, before: str) -> bool:
    place = event.number or 0
    return any(hmac.compare_digest(digest_of(event, place, before, key), event.digest) for key in _keys())


def _gap(first: int, last: int) -> str:
    if first > last:
        return f"Event {last + 1} is there more than once, or before the start of the chain."
    return f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."


def _compare(kept: dict[int, str], number: int, digest: str, report: Report) -> None:
    expected = kept.pop(number, None)
    if expected is not None and expected != digest:
        report.problems.append(
            f"Event {number} has another digest than the one that you kept: the chain was rewritten."
        )


@contextmanager
def removing() -> Iterator[None]:
    """Within it the database lets rows of the trail go. For retention alone; needs a transaction around it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL callboard.removes_audit = 'on'")
        yield
        cursor.execute("SET LOCAL callboard.removes_audit = 'off'")


def sealed_after(number: int, limit: int) -> list[AuditEvent]:
    """The next sealed events, in their order."""
    return list(AuditEvent.objects.filter(number__gt=number).order_by("number")[:limit])
