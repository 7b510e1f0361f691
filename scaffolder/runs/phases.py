"""What a worker does with a run: prepare, initialize, plan; and, when somebody let it, apply exactly that plan."""

from __future__ import annotations

import json

from django.db import transaction

from catalog.resources.models import Health
from catalog.resources.services import StackFacts, Standing, doubt_resources, sync_resources
from scaffolder.runs.models import RunState, RunType
from scaffolder.runs.sessions import Session, plan_columns
from scaffolder.stacks.models import Stack
from scaffolder.stacks.services import remove_stack
from scaffolder.tools.outcomes import Collected, ExitState, Outcome, PlanOutcome, ResourceRecord, ResourceStatus
from scaffolder.tools.workspaces import Workspace

_HEALTH = {
    ResourceStatus.OK: Health.OK,
    ResourceStatus.TAINTED: Health.TAINTED,
    ResourceStatus.FAILED: Health.FAILED,
    ResourceStatus.UNREACHABLE: Health.FAILED,
}


def plan(session: Session) -> None:
    """From preparing to a decision, or to the end. Raises the errors of the source and of the tool."""
    run, stack = session.run, session.run.stack
    session.tool.program()
    session.folder.make()
    session.say(f"Fetching {_source(stack)}")
    run.commit = session.folder.fetch(stack)
    if run.commit:
        session.say(f"The commit is {run.commit}")
    if reason := session.cancelled():
        session.end(RunState.STOPPED, reason)
        return
    session.move(RunState.INITIALIZING, commit=run.commit)
    workspace = session.workspace()
    outcome = session.tool.initialize(workspace)
    if _has_ended(session, outcome):
        return
    session.move(RunState.PLANNING)
    planned = session.tool.plan(workspace, destroy=run.type == RunType.DESTROY)
    if not _has_ended(session, planned):
        _decide(session, workspace, planned)


def _source(stack: Stack) -> str:
    if stack.is_bundle:
        return "the files of the stack"
    return f"{stack.branch or 'the default branch'} of {stack.repository}"


def _has_ended(session: Session, outcome: Outcome) -> bool:
    """End the run where its phase did not succeed."""
    if outcome.succeeded:
        return False
    is_stopped = outcome.state is ExitState.CANCELED
    session.end(RunState.STOPPED if is_stopped else RunState.FAILED, outcome.reason)
    return True


def _decide(session: Session, workspace: Workspace, planned: PlanOutcome) -> None:
    """What follows a plan: nothing, an apply at once, or waiting for somebody."""
    run = session.run
    columns = plan_columns(planned.plan) if planned.plan else {"added": 0, "changed": 0, "destroyed": 0}
    if run.type == RunType.PROPOSED:
        session.move(RunState.FINISHED, note="This is what would change.", **columns)
    elif planned.state is ExitState.NO_CHANGES:
        collected = session.tool.collect(workspace) if session.tool.keeps_state else None
        with transaction.atomic():
            if collected is not None:
                columns |= _record(session, collected, planned)
            session.move(RunState.FINISHED, note="There is nothing to change.", **columns)
            _leave(session)
    elif run.stack.is_autodeployed and run.type == RunType.TRACKED:
        session.move(RunState.APPLYING, note="This stack applies without asking.", **columns)
        _apply(session, workspace)
    else:
        archive = session.folder.pack(session.tool.restorable)
        session.move(RunState.UNCONFIRMED, archive=archive, **columns)


def apply(session: Session) -> None:
    """Apply the plan that was confirmed, in the workspace that it was made in."""
    session.tool.program()
    session.folder.unpack(bytes(session.run.archive or b""))
    workspace = session.workspace()
    if session.tool.restorable:
        outcome = session.tool.initialize(workspace)
        if _has_ended(session, outcome):
            return
    _apply(session, workspace)


def _apply(session: Session, workspace: Workspace) -> None:
    outcome = session.tool.apply(workspace)
    session.log.flush()
    collected = session.tool.collect(workspace)
    with transaction.atomic():
        columns = _record(session, collected, outcome)
        if outcome.succeeded:
            session.end(RunState.FINISHED, **columns)
            _leave(session)
        else:
            session.end(RunState.FAILED, outcome.reason, **columns)


def _record(session: Session, collected: Collected, outcome: Outcome) -> dict[str, str]:
    """Bring the inventory up to date; the run's columns for outputs."""
    run = session.run
    if not collected.succeeded and not collected.resources:
        doubt_resources(stack_uid=run.stack.uid, note=session.masker.mask(collected.reason))
        return {}
    failed = set(outcome.failed_addresses)
    reason = session.masker.mask(outcome.reason)
    standing = [_standing(record, reason if record.address in failed else "") for record in collected.resources]
    sync_resources(stack=facts_of(run.stack), standing=standing, run_uid=run.uid, is_complete=collected.succeeded)
    outputs = {name: {"value": row.value, "sensitive": row.sensitive} for name, row in collected.outputs.items()}
    return {"output_values": json.dumps(outputs)} if outputs else {}


def facts_of(stack: Stack) -> StackFacts:
    """What the inventory repeats of a stack."""
    return StackFacts(stack.uid, stack.slug, stack.name, stack.space, stack.entity_ref)


def _standing(record: ResourceRecord, problem: str) -> Standing:
    return Standing(
        address=record.address,
        type=record.type,
        name=record.name,
        provider=record.provider,
        health=Health.FAILED if problem else _HEALTH[record.status],
        note=problem,
        attributes=record.attributes,
        dependencies=record.dependencies,
    )


def _leave(session: Session) -> None:
    """Delete the stack after the run that was started for it."""
    if session.run.is_deleting_stack:
        remove_stack(session.run.stack)
