"""Telling workers that a run waits for them. Kept apart so that verbs need not know the worker's code."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from scaffolder.runs.models import Run

_log = logging.getLogger(__name__)
RUN_PHASE = "scaffolder.runs.run_phase"
QUEUE = "runs"
# A message that nobody took by then is thrown away; the reaper sends a new one as long as the run waits.
EXPIRES_SECONDS = 30


def publish_run(run: Run) -> None:
    """Send the run's id to the workers once the transaction has committed."""
    transaction.on_commit(lambda: send(run.pk))


def send(pk: int) -> None:
    """Send one id. Where the broker does not answer, the reaper sends it later: the row is the truth."""
    try:
        current_app.send_task(RUN_PHASE, args=[pk], queue=QUEUE, expires=EXPIRES_SECONDS, retry=False)
    except OperationalError as error:
        _log.warning("the broker does not answer", extra={"run": pk, "error": str(error)})
