"""The boundary of a run's job: takes the claim, works, and sees to it that the run does not hang, whatever happens."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.jobs import claims
from portal.lib.errors import PortalError
from scaffolder.runs import phases
from scaffolder.runs.models import Run, RunState
from scaffolder.runs.sessions import Session, opened
from scaffolder.runs.transitions import By, move, record_change
from scaffolder.runs.workspaces import sweep

_log = logging.getLogger(__name__)
BROKEN = "Something unexpected went wrong in the portal; its log has the details under the id of this run."
_STARTS = ((RunState.QUEUED, RunState.PREPARING), (RunState.CONFIRMED, RunState.APPLYING))


def take(pk: int) -> Run | None:
    """Claim a run that waits for a worker; None where another was faster, or nothing is to be done."""
    with transaction.atomic():
        for start, to in _STARTS:
            run = claims.claim(Run, pk, [start], to=to)
            if run is not None:
                now = timezone.now()
                claims.held(run).update(attempts=F("attempts") + 1, started_at=Coalesce("started_at", now))
                record_change(run, to, run.worker)
                return Run.objects.select_related("stack", "stack__space").get(pk=pk)
    return None


def work_on(pk: int) -> None:
    """Do what the run needs now. A doubled message finds nothing to do."""
    run = take(pk)
    if run is None:
        return
    sweep()
    try:
        with opened(run) as session:
            _work(session)
    except claims.LostClaim:
        _log.warning("a run was taken over by another worker or the reaper", extra={"run": str(run.uid)})
    except PortalError as error:
        # Before there was a session: its tool or its secrets are not to be had.
        _fail(run, error.detail)


def _work(session: Session) -> None:
    run = session.run
    try:
        if run.state == RunState.PREPARING:
            phases.plan(session)
        else:
            phases.apply(session)
    except PortalError as error:
        session.end(RunState.FAILED, error.detail)
    except claims.LostClaim:
        raise
    except Exception:
        # The job boundary: nothing may leave a run hanging.
        _log.exception("a run broke", extra={"run": str(run.uid)})
        session.end(RunState.FAILED, BROKEN)


def _fail(run: Run, reason: str) -> None:
    try:
        move(run, RunState.FAILED, by=By.WORKER, label=run.worker, note=reason, reason=reason)
    except claims.LostClaim:
        _log.warning("a run was taken over while it failed", extra={"run": str(run.uid)})
