"""Queue entries of ingestion: read one location, and look for those that are due."""

from __future__ import annotations

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from catalog.ingestion.keepers import PROVIDED
from catalog.ingestion.models import Location
from catalog.ingestion.publishing import READ_TASK, send_reading
from catalog.ingestion.services import read_now

_AT_ONCE = 200


@shared_task(name=READ_TASK)
def read_location_task(location_id: int) -> None:
    """Read one location. A doubled message finds it claimed; a lost one is made up for by ``read_due_task``."""
    read_now(location_id)


@shared_task(name="catalog.ingestion.read_due")
def read_due_task() -> None:
    """Send a message for each location whose time has come."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Location.objects.filter(free, next_at__lte=now).exclude(type=PROVIDED).order_by("next_at")
    for pk in due.values_list("pk", flat=True)[:_AT_ONCE]:
        send_reading(pk)
