"""Verbs on tasks: make, cancel, retry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.jobs.streams import notify
from portal.lib.errors import Conflict, Forbidden, Invalid
from portal.spaces import access
from portal.spaces.models import Space
from scaffolder.blueprints.reading import Blueprint
from scaffolder.blueprints.requesters import user_facts
from scaffolder.tasks.models import ENDED, StepState, Task, TaskEvent, TaskState, TaskStep
from scaffolder.tasks.policies import Permission
from scaffolder.tasks.publishing import publish_task
from scaffolder.tasks.recorder import topic_of


@transaction.atomic
def create_task(
    *,
    subject: Subject,
    blueprint: Blueprint,
    space: Space,
    values: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
) -> Task:
    """Start a blueprint with these values, in ``space``: what the task makes lives there.

    Needs ``task:create`` in the space. Raises ``Invalid`` with a row per wrong value; then nothing was started.
    """
    access.check_in(subject, Permission.TASK_CREATE, space)
    blueprint.check_values(values, secrets or {})
    task = Task.objects.create(
        space=space,
        template_ref=blueprint.ref,
        title=blueprint.title,
        spec={**blueprint.snapshot(values, user=user_facts(subject)), "secretNames": sorted(secrets or {})},
        secrets=json.dumps(dict(secrets)) if secrets else "",
        created_by=subject.user,
        created_by_label=str(subject),
    )
    TaskStep.objects.bulk_create(_steps(task))
    audit.record(subject=subject, action="task.create", obj=task, template=blueprint.ref, values=dict(values))
    publish_task(task)
    return task


def _steps(task: Task) -> list[TaskStep]:
    return [
        TaskStep(
            task=task, position=number, step_id=step["id"][:200], name=step["name"][:255], action=step["action"][:120]
        )
        for number, step in enumerate(task.spec["steps"])
    ]


@transaction.atomic
def cancel_task(*, subject: Subject, task: Task) -> Task:
    """Ask a task to end. A waiting one ends at once, a running one as soon as its action looks up."""
    access.check(subject, Permission.TASK_CANCEL, task)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if task.has_ended:
        raise Conflict(f"The task has already ended: {task.get_state_display().lower()}.")
    task.is_cancel_wanted = True
    task.save(update_fields=["is_cancel_wanted"])
    audit.record(subject=subject, action="task.cancel", obj=task)
    if task.state == TaskState.OPEN:
        end_task(task, TaskState.CANCELLED, reason="Cancelled before it started")
    notify(topic_of(task))
    return task


@transaction.atomic
def retry_task(*, subject: Subject, task: Task) -> Task:
    """Run a failed or cancelled task again from its first step, with the same values.

    Raises ``Conflict`` where it has not ended, has succeeded, or needs secrets: those are gone once a task has ended.
    """
    access.check_in(subject, Permission.TASK_CREATE, task.space)
    access.check(subject, Permission.TASK_READ, task)
    task = Task.objects.select_for_update().get(pk=task.pk)
    if task.state not in (TaskState.FAILED, TaskState.CANCELLED):
        raise Conflict("Only a failed or cancelled task can be run again.")
    if task.spec.get("secretNames"):
        raise Conflict("This task needs secrets, which are not kept. Fill in the form again.")
    task.events.filter(kind__in=["completion", "cancelled"]).delete()
    task.steps.update(state=StepState.WAITING, started_at=None, ended_at=None)
    Task.objects.filter(pk=task.pk).update(
        state=TaskState.OPEN,
        version=F("version") + 1,
        fence=F("fence") + 1,
        lease_until=None,
        is_cancel_wanted=False,
        reason="",
        output={},
        started_at=None,
        ended_at=None,
    )
    TaskEvent.objects.create(task=task, kind="recovered", message="The task starts again from its first step.")
    audit.record(subject=subject, action="task.retry", obj=task)
    task.refresh_from_db()
    publish_task(task)
    notify(topic_of(task))
    return task


def end_task(task: Task, state: TaskState, *, reason: str = "", output: Mapping[str, Any] | None = None) -> bool:
    """Move a task to an end state if this claim on it (its fence) still holds; false where it was taken over.

    Writes the last event, forgets the secrets, and closes steps that were under way.
    """
    if state not in ENDED:
        raise ValueError(f"{state} is not an end state")
    now = timezone.now()
    with transaction.atomic():
        changed = (
            Task.objects.filter(pk=task.pk, fence=task.fence)
            .exclude(state__in=ENDED)
            .update(
                state=state,
                version=F("version") + 1,
                fence=F("fence") + 1,
                lease_until=None,
                secrets="",
                reason=reason,
                output=dict(output or {}),
                ended_at=now,
            )
        )
        if not changed:
            return False
        left = StepState.CANCELLED if state == TaskState.CANCELLED else StepState.FAILED
        task.steps.filter(state=StepState.PROCESSING).update(state=left, ended_at=now)
        if state == TaskState.CANCELLED:
            TaskEvent.objects.create(task=task, kind="cancelled", message=reason or "Cancelled", status="cancelled")
        body: dict[str, Any] = {"output": dict(output)} if output else {}
        if state == TaskState.FAILED:
            body["error"] = {"name": "Error", "message": reason}
        words = {TaskState.COMPLETED: "Run completed with status: completed", TaskState.FAILED: reason}
        TaskEvent.objects.create(
            task=task,
            kind="completion",
            status=state,
            message=words.get(state, "Run completed with status: cancelled"),
            body=body,
        )
        notify(topic_of(task))
        task.refresh_from_db()
    return True


def check_space_choice(subject: Subject, slug: str | None, fallback: Space | None) -> Space:
    """The space that a task is to live in: the named one, else the blueprint's own, else the only possible one."""
    if slug:
        return access.get_for(subject, Space.objects.all(), slug=slug)
    if fallback is not None and access.may_in(subject, Permission.TASK_CREATE, fallback):
        return fallback
    possible = list(access.spaces_with(subject, Permission.TASK_CREATE)[:2])
    if len(possible) == 1:
        return possible[0]
    if not possible:
        raise Forbidden("You may not start blueprints in any space. Ask an admin of a space for the role Writer.")
    raise Invalid("Say in which space this is to live.", errors=[{"field": "space", "message": "Choose a space"}])
