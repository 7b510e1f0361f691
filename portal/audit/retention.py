"""How long the trail is kept, and what happens to the chain when its beginning goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portal.accounts.subjects import Subject, system
from portal.audit import services
from portal.audit.chain import mark, removing, seal_all
from portal.audit.models import AuditEvent, ChainMark
from portal.lib.errors import Invalid


def limit_of_retention() -> datetime | None:
    """Events before this time may go; None where they are kept for ever (``AUDIT_RETENTION_DAYS`` is 0)."""
    days: int = settings.AUDIT_RETENTION_DAYS
    return timezone.now() - timedelta(days=days) if days else None


@transaction.atomic
def prune(before: datetime, *, subject: Subject | None = None) -> int:
    """Remove the beginning of the chain up to the first event since ``before``. Returns how many events went.

    The digest of the last one that went is kept, so that the rest can still be verified; the removal is an event.
    Raises ``Invalid`` for a time that has not come yet.
    """
    if before > timezone.now():
        raise Invalid("Only what is past can be removed from the audit trail.")
    seal_all()
    first_kept = (
        AuditEvent.objects.filter(at__gte=before).exclude(number=None).order_by("number").values("number").first()
    )
    last = (first_kept["number"] or 0) - 1 if first_kept else mark(ChainMark.Name.HEAD).number
    end = AuditEvent.objects.filter(number=last).first()
    if end is None:
        return 0
    with removing(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE number <= %s", [last])
        count: int = cursor.rowcount
    ChainMark.objects.update_or_create(
        name=ChainMark.Name.START, defaults={"number": last, "digest": end.digest, "at": timezone.now()}
    )
    services.record(
        subject=subject or system("retention"),
        action="audit.prune",
        removed=count,
        last=last,
        before=before.isoformat(),
    )
    return count
