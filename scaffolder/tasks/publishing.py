"""Telling workers that a task waits. Kept apart so that verbs need not know the worker's code."""

from __future__ import annotations

from celery import current_app
from django.db import transaction

from scaffolder.tasks.models import Task

RUN_TASK = "scaffolder.tasks.run_task"


def publish_task(task: Task) -> None:
    """Send the task's id to the workers once the transaction has committed; the reaper sends lost messages again."""
    transaction.on_commit(lambda: send(task.pk))


def send(pk: int) -> None:
    """Send one id."""
    current_app.send_task(RUN_TASK, args=[pk], expires=3600)
