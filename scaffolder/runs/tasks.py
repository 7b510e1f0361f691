"""Queue entries of runs. Ids in, nothing out: the row is the truth."""

from celery import shared_task

from scaffolder.runs import reaper, worker
from scaffolder.runs.publishing import RUN_PHASE


@shared_task(name=RUN_PHASE)
def run_phase_task(pk: int) -> None:
    """Work on a run for as long as it needs a worker now."""
    worker.work_on(pk)


@shared_task(name="scaffolder.runs.reap")
def reap_task() -> None:
    """Settle runs whose worker died."""
    reaper.reap()
