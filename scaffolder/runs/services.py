"""Verbs on runs: start, confirm, discard, cancel, stop, try again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.jobs.streams import notify
from portal.lib.errors import Conflict
from portal.spaces import access
from scaffolder.runs.models import BLOCKING_TYPES, OPEN, Run, RunState, RunType
from scaffolder.runs.policies import Permission
from scaffolder.runs.publishing import publish_run
from scaffolder.runs.transitions import By, lock_stack, move, record_change, state_words, topic_of
from scaffolder.stacks.models import Stack
from scaffolder.stacks.policies import Permission as StackPermission
from scaffolder.stacks.services import check_deletable

STOPPABLE = (RunState.PREPARING, RunState.INITIALIZING, RunState.PLANNING)


@transaction.atomic
def trigger_run(*, subject: Subject, stack: Stack, type: str = RunType.TRACKED) -> Run:
    """Start a run. Needs ``run:trigger`` on the stack.

    Raises ``Conflict`` where a run that changes things is open already: it has to end first, so that what is confirmed
    is what was planned. Previews never wait and never block.
    """
    access.check(subject, StackPermission.STACK_READ, stack)
    access.check(subject, Permission.RUN_TRIGGER, stack)
    return _start(subject, stack, RunType(type))


def _start(subject: Subject, stack: Stack, type: RunType, *, is_deleting_stack: bool = False) -> Run:
    lock_stack(stack.pk)
    if type in BLOCKING_TYPES:
        check_nothing_open(stack)
    newest = stack.runs.aggregate(number=Max("number"))["number"] or 0
    run = Run.objects.create(
        stack=stack,
        number=newest + 1,
        type=type,
        branch=stack.branch,
        is_deleting_stack=is_deleting_stack,
        triggered_by=subject.user,
        triggered_by_label=str(subject)[:200],
    )
    record_change(run, RunState.QUEUED, str(subject))
    audit.record(subject=subject, action="run.trigger", obj=run, space=stack.space, stack=stack.slug, type=str(type))
    publish_run(run)
    return run


def check_nothing_open(stack: Stack) -> None:
    """Raises ``Conflict``, naming the run, where one that changes things is open."""
    found = open_run(stack)
    if found is not None:
        raise Conflict(
            f"Run #{found.number} of this stack is {state_words(found.state)}. Only one run may change a stack at "
            "a time: wait for it, or discard, cancel or stop it first.",
            run=str(found.uid),
        )


def open_run(stack: Stack) -> Run | None:
    """The run that changes things and has not ended, if there is one."""
    return stack.runs.filter(type__in=BLOCKING_TYPES, state__in=OPEN).select_related("stack").first()


@transaction.atomic
def destroy_stack(*, subject: Subject, stack: Stack) -> Run:
    """Start a run that destroys everything the stack manages; when it has succeeded the stack itself is deleted.

    Needs ``stack:delete`` and ``run:trigger``. Raises ``Conflict`` for a protected stack and while a run is open.
    """
    access.check(subject, StackPermission.STACK_DELETE, stack)
    access.check(subject, Permission.RUN_TRIGGER, stack)
    check_deletable(stack)
    return _start(subject, stack, RunType.DESTROY, is_deleting_stack=True)


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(of=("self",)).select_related("stack", "stack__space").get(pk=run.pk)


@transaction.atomic
def confirm_run(*, subject: Subject, run: Run, note: str = "") -> Run:
    """Let the planned changes happen. Needs ``run:confirm``; raises ``Conflict`` unless the run waits for it."""
    access.check(subject, Permission.RUN_CONFIRM, run)
    run = _locked(run)
    if run.state != RunState.UNCONFIRMED:
        raise Conflict(f"Only a run that waits for confirmation can be confirmed; this is {state_words(run.state)}.")
    move(run, RunState.CONFIRMED, by=By.PERSON, label=str(subject), note=note, published_at=timezone.now())
    audit.record(subject=subject, action="run.confirm", obj=run, space=run.stack.space, note=note)
    publish_run(run)
    return run


@transaction.atomic
def discard_run(*, subject: Subject, run: Run, note: str = "") -> Run:
    """Throw the plan away; nothing changes. Needs ``run:confirm``; ``Conflict`` unless the run waits for a decision."""
    access.check(subject, Permission.RUN_CONFIRM, run)
    run = _locked(run)
    if run.state != RunState.UNCONFIRMED:
        raise Conflict(f"Only a run that waits for confirmation can be discarded; this is {state_words(run.state)}.")
    move(run, RunState.DISCARDED, by=By.PERSON, label=str(subject), note=note)
    audit.record(subject=subject, action="run.discard", obj=run, space=run.stack.space, note=note)
    return run


@transaction.atomic
def cancel_run(*, subject: Subject, run: Run) -> Run:
    """Take a run out of the queue before a worker has it. Needs ``run:stop``; ``Conflict`` where it has begun."""
    access.check(subject, Permission.RUN_STOP, run)
    run = _locked(run)
    if run.state != RunState.QUEUED:
        raise Conflict(f"Only a queued run can be canceled; this is {state_words(run.state)}.")
    move(run, RunState.CANCELED, by=By.PERSON, label=str(subject))
    audit.record(subject=subject, action="run.cancel", obj=run, space=run.stack.space)
    return run


@transaction.atomic
def stop_run(*, subject: Subject, run: Run) -> Run:
    """Ask the worker to stop before anything is applied; it does within a second. Needs ``run:stop``.

    Raises ``Conflict`` before preparing and once applying has begun: an apply that is cut off leaves things half done.
    """
    access.check(subject, Permission.RUN_STOP, run)
    run = _locked(run)
    if run.state == RunState.APPLYING:
        raise Conflict("The run is applying. What has begun is not cut off, because it would be left half done.")
    if run.state not in STOPPABLE:
        raise Conflict(f"Only a run that is preparing or planning can be stopped; this is {state_words(run.state)}.")
    if not run.stop_wanted_by:
        run.stop_wanted_by = str(subject)[:200]
        run.save(update_fields=["stop_wanted_by"])
        audit.record(subject=subject, action="run.stop", obj=run, space=run.stack.space)
        notify(topic_of(run))
    return run


def retry_run(*, subject: Subject, run: Run) -> Run:
    """Start a new run of the same type, with the stack as it is now. Needs ``run:trigger``.

    Raises ``Conflict`` while the run is open, and where it has finished: then there is nothing to try again.
    """
    access.check(subject, Permission.RUN_READ, run)
    if run.state in OPEN:
        raise Conflict(f"The run is {state_words(run.state)}; it has to end before it can be tried again.")
    if run.state == RunState.FINISHED:
        raise Conflict("The run has finished. Start a new one.")
    return trigger_run(subject=subject, stack=run.stack, type=run.type)
