"""Telling the workers that a location waits to be read. A lost message costs time only: beat looks for due ones."""

from __future__ import annotations

from functools import partial

from celery import current_app
from django.db import transaction

from catalog.ingestion.models import Location

READ_TASK = "catalog.ingestion.read_location"


def publish_reading(location: Location) -> None:
    """Send the message when the transaction is through."""
    transaction.on_commit(partial(current_app.send_task, READ_TASK, [location.pk]))
