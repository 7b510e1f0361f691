"""The one table of what may follow what, and the one function that changes a run's state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from portal.jobs.claims import LostClaim
from portal.jobs.streams import notify
from portal.lib.errors import Conflict
from scaffolder.runs.models import ENDED, Run, RunChange, RunState
from scaffolder.stacks.acting import take_back_tokens
from scaffolder.stacks.models import StateCredential, StateLock

S = RunState


class By(StrEnum):
    """Who changes a state."""

    PERSON = "person"
    WORKER = "worker"
    REAPER = "reaper"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: by whom and when a run goes on."""

    by: By
    when: str


TRANSITIONS: dict[tuple[RunState, RunState], tuple[Move, ...]] = {
    (S.QUEUED, S.PREPARING): (Move(By.WORKER, "a worker takes it"),),
    (S.QUEUED, S.CANCELED): (Move(By.PERSON, "somebody cancels it"),),
    (S.PREPARING, S.INITIALIZING): (Move(By.WORKER, "the code is there"),),
    (S.PREPARING, S.FAILED): (
        Move(By.WORKER, "the code cannot be had"),
        Move(By.REAPER, "workers were lost too often"),
    ),
    (S.PREPARING, S.STOPPED): (Move(By.WORKER, "somebody stops it"), Move(By.REAPER, "its worker was lost meanwhile")),
    (S.PREPARING, S.QUEUED): (Move(By.REAPER, "its worker was lost before anything was planned"),),
    (S.INITIALIZING, S.PLANNING): (Move(By.WORKER, "the tool is ready"),),
    (S.INITIALIZING, S.FAILED): (
        Move(By.WORKER, "the tool cannot be made ready"),
        Move(By.REAPER, "workers were lost too often"),
    ),
    (S.INITIALIZING, S.STOPPED): (
        Move(By.WORKER, "somebody stops it"),
        Move(By.REAPER, "its worker was lost meanwhile"),
    ),
    (S.INITIALIZING, S.QUEUED): (Move(By.REAPER, "its worker was lost before anything was planned"),),
    (S.PLANNING, S.UNCONFIRMED): (Move(By.WORKER, "there is something to decide"),),
    (S.PLANNING, S.APPLYING): (Move(By.WORKER, "the stack applies without asking"),),
    (S.PLANNING, S.FINISHED): (Move(By.WORKER, "a preview, or nothing to change"),),
    (S.PLANNING, S.FAILED): (Move(By.WORKER, "the plan fails"), Move(By.REAPER, "its worker was lost")),
    (S.PLANNING, S.STOPPED): (Move(By.WORKER, "somebody stops it"), Move(By.REAPER, "its worker was lost meanwhile")),
    (S.UNCONFIRMED, S.CONFIRMED): (Move(By.PERSON, "somebody confirms the plan"),),
    (S.UNCONFIRMED, S.DISCARDED): (Move(By.PERSON, "somebody discards the plan"),),
    (S.CONFIRMED, S.APPLYING): (Move(By.WORKER, "a worker takes it"),),
    (S.APPLYING, S.FINISHED): (Move(By.WORKER, "everything is applied"),),
    (S.APPLYING, S.FAILED): (Move(By.WORKER, "the apply fails"), Move(By.REAPER, "its worker was lost")),
}


def may_follow(old: str, new: str, by: By) -> bool:
    """Whether the table has such a row."""
    return any(move.by is by for move in TRANSITIONS.get((RunState(old), RunState(new)), ()))


def next_states(old: str, by: By) -> list[RunState]:
    """The states that ``by`` may bring a run to from ``old``."""
    return [new for (start, new), moves in TRANSITIONS.items() if start == old and any(m.by is by for m in moves)]


def topic_of(run: Run) -> str:
    """The name under which watchers of a run are told that something happened."""
    return f"run:{run.uid}"


@transaction.atomic
def move(run: Run, to: RunState, *, by: By, label: str, note: str = "", **changes: Any) -> Run:
    """Bring ``run`` to ``to``, if it still is what the caller saw; adds the row of history and wakes the watchers.

    Compare-and-set on (state, version), for workers on their fence too. The end of a run gives back, in the same
    transaction, everything that it held. Raises ``Conflict`` where the table has no such row or somebody was faster,
    ``LostClaim`` where a worker's claim is gone.
    """
    if not may_follow(run.state, to, by):
        raise Conflict(f"The run is {state_words(run.state)}; it cannot become {state_words(to)} now.", state=run.state)
    leaving = _leaving(to, by)
    values = {"state": to, "version": F("version") + 1, **changes, **leaving}
    seen = Run.objects.filter(pk=run.pk, state=run.state, version=run.version, fence=run.fence)
    if not seen.update(**values):
        if by is By.WORKER:
            raise LostClaim(f"run {run.uid} was taken over")
        raise Conflict("Somebody else was faster: the run has changed meanwhile. Look at it again.")
    record_change(run, to, label, note)
    if leaving:
        release(run)
    run.refresh_from_db(fields=["state", "version", "fence", "lease_until", *(set(changes) - {"archive"})])
    return run


def _leaving(to: RunState, by: By) -> dict[str, Any]:
    """What else changes with the state: a run that no worker works on has no lease, and old claims are void."""
    if to in ENDED:
        return {"lease_until": None, "fence": F("fence") + 1, "ended_at": timezone.now(), "archive": None}
    if to is S.UNCONFIRMED or by is By.REAPER:
        return {"lease_until": None, "fence": F("fence") + 1}
    return {}


def record_change(run: Run, to: str, label: str, note: str = "") -> None:
    """Add a row of history and wake the watchers."""
    RunChange.objects.create(run=run, state=to, by=label[:200], note=note)
    notify(topic_of(run))


def release(run: Run) -> None:
    """Take from a run what it held: the state's password, the lock if it is its own, and its token."""
    take_back_tokens(run.stack_id, run.uid)
    StateCredential.objects.filter(run_uid=run.uid).delete()
    StateLock.objects.filter(run_uid=run.uid).delete()


def state_words(state: str) -> str:
    """A state in the middle of a sentence."""
    return RunState(state).label.lower()


def lock_stack(stack_id: int) -> None:
    """Let one trigger at a time number its run and look for an open one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('stacks.runs'), %s)", [stack_id % 2**31])
