"""Telling the workers that a location waits to be read. A lost message costs time only: beat looks for due ones."""

from __future__ import annotations

from functools import partial

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from catalog.ingestion.models import Location
from portal.celery import app

READ_TASK = "catalog.ingestion.read_location"
log = structlog.get_logger(__name__)


def publish_reading(location: Location) -> None:
    """Send the message when the transaction is through."""
    transaction.on_commit(partial(send_reading, location.pk))


def send_reading(location_id: int) -> None:
    """Send the message now. Where the broker does not answer, the location is found by the clock."""
    try:
        app.send_task(READ_TASK, [location_id], retry=False, expires=3600)
    except OperationalError:
        log.warning("the broker does not answer; the location is read when it is due", location=location_id)
