"""Every change of a run's state, possible and impossible, against the table."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from portal.jobs.claims import LostClaim, claim
from portal.lib.errors import Conflict
from scaffolder.runs.models import ENDED, OPEN, WAITING, WORKING, Run, RunState
from scaffolder.runs.transitions import TRANSITIONS, By, may_follow, move, next_states
from scaffolder.stacks.models import StateCredential, StateLock
from scaffolder.stacks.state import issue_credential
from tests.factories.stacks import make_run, make_stack

pytestmark = pytest.mark.django_db


def test_the_table_leads_from_the_queue_to_every_state_and_from_each_to_an_end() -> None:
    reached, grown = {RunState.QUEUED}, True
    while grown:
        more = {new for old, new in TRANSITIONS if old in reached} - reached
        reached, grown = reached | more, bool(more)
    assert reached == set(RunState)
    assert {old for old, _ in TRANSITIONS} == set(OPEN)
    assert not {old for old, _ in TRANSITIONS} & set(ENDED)


def test_whatever_a_worker_works_on_the_reaper_can_settle() -> None:
    for state in WORKING:
        assert set(next_states(state, By.REAPER)) & {RunState.FAILED, RunState.QUEUED}
    for state in WAITING:
        assert next_states(state, By.WORKER)


def test_applying_is_never_begun_again_and_cannot_be_stopped() -> None:
    assert set(next_states(RunState.APPLYING, By.REAPER)) == {RunState.FAILED}
    assert RunState.STOPPED not in next_states(RunState.APPLYING, By.WORKER)


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("old", list(RunState))
def test_exactly_what_the_table_allows_happens(old: RunState, by: By) -> None:
    stack = make_stack()
    run = make_run(stack)
    for new in RunState:
        Run.objects.filter(pk=run.pk).update(state=old)
        run.refresh_from_db()
        before = run.history.count()
        if may_follow(old, new, by):
            move(run, new, by=by, label="x")
            assert (run.state, run.history.count()) == (new, before + 1)
        else:
            with pytest.raises(Conflict):
                move(run, new, by=by, label="x")
            run.refresh_from_db()
            assert (run.state, run.history.count()) == (old, before)


def test_of_two_who_decide_at_once_one_wins() -> None:
    run = make_run(state=RunState.UNCONFIRMED)
    seen = Run.objects.get(pk=run.pk)
    move(run, RunState.CONFIRMED, by=By.PERSON, label="ada")
    with pytest.raises(Conflict, match="faster"):
        move(seen, RunState.DISCARDED, by=By.PERSON, label="bob")
    assert Run.objects.get().state == RunState.CONFIRMED


def test_a_worker_that_was_taken_over_writes_nothing() -> None:
    run = claim(Run, make_run().pk, [RunState.QUEUED], to=RunState.PREPARING)
    assert run is not None
    Run.objects.update(fence=run.fence + 1)
    with pytest.raises(LostClaim):
        move(run, RunState.INITIALIZING, by=By.WORKER, label="zombie")
    assert Run.objects.get().state == RunState.PREPARING


@pytest.mark.parametrize("end", ENDED)
def test_the_end_gives_everything_back(end: RunState) -> None:
    start, by = next((old, moves[0].by) for (old, new), moves in TRANSITIONS.items() if new == end)
    run = make_run(state=start, archive=b"plan", lease_until="2999-01-01T00:00Z")
    issue_credential(stack=run.stack, run_uid=run.uid, is_writer=True)
    StateLock.objects.create(stack=run.stack, lock_id="1", run_uid=run.uid)
    move(run, end, by=by, label="x")
    run = Run.objects.get()
    assert (run.lease_until, run.archive) == (None, None)
    assert run.ended_at is not None
    assert not StateCredential.objects.exists()
    assert not StateLock.objects.exists()


@pytest.mark.parametrize(("first", "second"), list(product(["tracked", "destroy"], repeat=2)))
def test_the_database_itself_keeps_a_second_blocking_run_out(first: str, second: str) -> None:
    stack = make_stack()
    make_run(stack, type=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(stack=stack, number=99, type=second)
    Run.objects.create(stack=stack, number=100, type="proposed")
