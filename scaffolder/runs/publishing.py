"""Telling workers that a run waits for them. Kept apart so that verbs need not know the worker's code."""

from __future__ import annotations

from celery import current_app
from django.db import transaction

from scaffolder.runs.models import Run

RUN_PHASE = "scaffolder.runs.run_phase"
QUEUE = "runs"
# A message that nobody took by then is thrown away; the reaper sends a new one as long as the run waits.
EXPIRES_SECONDS = 30


def publish_run(run: Run) -> None:
    """Send the run's id to the workers once the transaction has committed."""
    transaction.on_commit(lambda: send(run.pk))


def send(pk: int) -> None:
    """Send one id."""
    current_app.send_task(RUN_PHASE, args=[pk], queue=QUEUE, expires=EXPIRES_SECONDS)
