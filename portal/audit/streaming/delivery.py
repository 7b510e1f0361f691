"""Bring every destination up to date: in order, at least once, each by itself."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from portal.audit.chain import mark, sealed_after
from portal.audit.models import ChainMark, Destination
from portal.audit.streaming.senders import send

BATCH = 100
# So many batches of one destination in one turn: the others wait for it.
TURN = 50
LONGEST_PAUSE = timedelta(minutes=30)
# Destinations hold their own lock, beside the one of sealing.
_LOCK = 7_341_002


def due() -> list[int]:
    """The destinations that lag and need not wait."""
    number = mark(ChainMark.Name.HEAD).number
    rows = Destination.objects.filter(is_enabled=True, cursor__lt=number)
    ready = rows.filter(Q(retry_at=None) | Q(retry_at__lte=timezone.now()))
    return list(ready.values_list("pk", flat=True))


def deliver(pk: int) -> int:
    """Send what waits for one destination. Returns how many events it took; 0 where somebody else is at it."""
    total = 0
    for _turn in range(TURN):
        count = _deliver_batch(pk)
        total += count
        if count < BATCH:
            break
    return total


@transaction.atomic
def _deliver_batch(pk: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, pk])
        if not cursor.fetchone()[0]:
            return 0
    destination = Destination.objects.filter(pk=pk, is_enabled=True).first()
    events = sealed_after(destination.cursor, BATCH) if destination else []
    if destination is None or not events:
        return 0
    error = send(destination, events)
    now = timezone.now()
    if error:
        destination.failures += 1
        pause = min(LONGEST_PAUSE, timedelta(seconds=10 * 2 ** min(destination.failures - 1, 10)))
        destination.last_error, destination.retry_at = error, now + pause
    else:
        destination.cursor, destination.delivered_at = events[-1].number or 0, now
        destination.failures, destination.last_error, destination.retry_at = 0, "", None
    # Only what delivery owns, so that a change made meanwhile on the page stays.
    Destination.objects.filter(pk=pk).update(
        cursor=destination.cursor, delivered_at=destination.delivered_at, failures=destination.failures,
        last_error=destination.last_error, retry_at=destination.retry_at,
    )  # fmt: skip
    return 0 if error else len(events)
