"""Telling the workers that a provider waits to be read. A lost message costs time only: beat looks for due ones."""

from __future__ import annotations

from functools import partial

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from catalog.providers.models import Provider
from portal.celery import app

READ_TASK = "catalog.providers.read"
log = structlog.get_logger(__name__)


def publish_reading(provider: Provider) -> None:
    """Send the message when the transaction is through."""
    transaction.on_commit(partial(send_reading, provider.pk))


def send_reading(provider_id: int) -> None:
    """Send the message now. Where the broker does not answer, the provider is found by the clock."""
    try:
        app.send_task(READ_TASK, [provider_id], retry=False, expires=3600)
    except OperationalError:
        log.warning("the broker does not answer; the provider is read when it is due", provider=provider_id)
