"""Queue entries of providers: read one, look for those that are due, forget old deliveries."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from catalog.providers.models import Delivery, Kind, Provider
from catalog.providers.publishing import READ_TASK, send_reading
from catalog.providers.reading import read_provider_now

_AT_ONCE = 50
REMEMBERED = timedelta(days=30)


@shared_task(name=READ_TASK)
def read_provider_task(provider_id: int) -> None:
    """Read one provider. A doubled message finds it claimed; a lost one is made up for by ``read_due_task``."""
    read_provider_now(provider_id)


@shared_task(name="catalog.providers.read_due")
def read_due_task() -> None:
    """Send a message for each provider whose time has come."""
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Provider.objects.filter(free, next_at__lte=now, is_enabled=True).exclude(kind=Kind.PUSH).order_by("next_at")
    for pk in due.values_list("pk", flat=True)[:_AT_ONCE]:
        send_reading(pk)


@shared_task(name="catalog.providers.forget_deliveries")
def forget_deliveries_task() -> None:
    """Deliveries are remembered for a month."""
    Delivery.objects.filter(at__lt=timezone.now() - REMEMBERED).delete()
