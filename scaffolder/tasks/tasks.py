"""Queue entries of tasks. The row is the truth: a doubled message finds nothing to claim, a lost one is sent again."""

from __future__ import annotations

from celery import shared_task

from scaffolder.tasks.execute import execute_task
from scaffolder.tasks.publishing import RUN_TASK
from scaffolder.tasks.reaping import reap_tasks


@shared_task(name=RUN_TASK)
def run_task(pk: int) -> None:
    """Run one task, if it still waits."""
    execute_task(pk)


@shared_task(name="scaffolder.tasks.reap")
def reap() -> None:
    """End what lost its worker and send lost messages again."""
    reap_tasks()
