"""What becomes of runs whose worker died, and of those whose message was lost. Runs every few seconds."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.resources.services import doubt_resources
from portal.lib.errors import Conflict
from scaffolder.runs.models import WAITING, WORKING, Run, RunState
from scaffolder.runs.publishing import EXPIRES_SECONDS, publish_run, send
from scaffolder.runs.transitions import By, move
from scaffolder.runs.workspaces import sweep

LABEL = "reaper"
MOST_ATTEMPTS = 3
# A run is cut off: what is true then.
INTERRUPTED = (
    "The worker was lost while applying. Some changes may have been made and others not; a new plan shows what is left."
)
LOST = "The worker was lost while planning. Nothing was changed; start the run again."
TOO_OFTEN = f"The worker was lost before planning, {MOST_ATTEMPTS} times in a row. Nothing was changed."


def reap() -> dict[str, int]:
    """Settle every run whose lease ended, publish waiting ones again, clean this machine; returns counts."""
    ended = [pk for pk in _lost_pks() if settle(pk)]
    return {"settled": len(ended), "published": publish_again(), "swept": sweep()}


def _lost_pks() -> list[int]:
    lost = Run.objects.filter(state__in=WORKING, lease_until__lt=timezone.now())
    return list(lost.values_list("pk", flat=True)[:500])


@transaction.atomic
def settle(pk: int) -> bool:
    """Bring one lost run to its truthful state, in the transaction that frees what it held; false where it lives."""
    lost = Run.objects.filter(pk=pk, state__in=WORKING, lease_until__lt=timezone.now())
    run = lost.select_for_update(of=("self",), skip_locked=True).select_related("stack").first()
    if run is None:
        return False
    to, reason = verdict(run)
    try:
        move(run, to, by=By.REAPER, label=LABEL, note=reason, reason="" if to is RunState.QUEUED else reason)
    except Conflict:
        return False
    if to is RunState.QUEUED:
        publish_run(run)
    if reason == INTERRUPTED:
        doubt_resources(stack_uid=run.stack.uid, note=reason)
    return True


def verdict(run: Run) -> tuple[RunState, str]:
    """What a run becomes whose worker was lost. Only what has not planned yet is begun again by itself."""
    if run.state == RunState.APPLYING:
        return RunState.FAILED, INTERRUPTED
    if run.stop_wanted_by:
        return RunState.STOPPED, f"Stopped by {run.stop_wanted_by}."
    if run.state == RunState.PLANNING:
        return RunState.FAILED, LOST
    if run.attempts >= MOST_ATTEMPTS:
        return RunState.FAILED, TOO_OFTEN
    return RunState.QUEUED, "The worker was lost before planning; another one takes the run."


def publish_again() -> int:
    """Send the ids of runs that have waited so long that their message has expired or was lost."""
    now = timezone.now()
    waiting = Run.objects.filter(state__in=WAITING, published_at__lt=now - timedelta(seconds=EXPIRES_SECONDS))
    pks = list(waiting.values_list("pk", flat=True)[:500])
    Run.objects.filter(pk__in=pks).update(published_at=now)
    for pk in pks:
        send(pk)
    return len(pks)
