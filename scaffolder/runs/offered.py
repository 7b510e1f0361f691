"""What steps of a task may do with stacks and runs, with the rights of whoever started the task."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import Space
from scaffolder.runs.models import Run
from scaffolder.runs.queries import get_run_for
from scaffolder.runs.services import trigger_run
from scaffolder.stacks.checking import wrong
from scaffolder.stacks.models import Stack
from scaffolder.stacks.queries import get_stack_for
from scaffolder.stacks.services import create_stack
from scaffolder.tasks.models import Task


def services_of(task: Task, subject: Subject) -> Mapping[str, Callable[..., Any]]:
    """The services by name, for ``scaffolder.steps.stack_actions``."""

    def create(*, space: str, **fields: Any) -> dict[str, str]:
        made = create_stack(subject=subject, space=_space(subject, space) if space else task.space, **fields)
        url = settings.BASE_URL + reverse("stacks:detail", args=[made.slug])
        return {"stackId": str(made.uid), "slug": made.slug, "url": url}

    def trigger(*, stack: str, type: str) -> str:
        return str(trigger_run(subject=subject, stack=_stack(subject, stack), type=type).uid)

    return {"create_stack": create, "trigger_run": trigger, "look_at_run": lambda uid: look_at_run(subject, uid)}


def _space(subject: Subject, slug: str) -> Space:
    found = access.visible_to(subject, Space.objects.filter(slug=slug)).first()
    if found is None:
        raise wrong("space", f"There is no space “{slug}”, or you may not see it.")
    return found


def _stack(subject: Subject, name: str) -> Stack:
    """A stack by its slug or its uid."""
    try:
        slug = Stack.objects.filter(uid=uuid.UUID(name)).values_list("slug", flat=True).first() or name
    except ValueError:
        slug = name
    return get_stack_for(subject, slug)


def look_at_run(subject: Subject, uid: str) -> dict[str, Any]:
    """A run as a step sees it; sensitive outputs are left out."""
    run: Run = get_run_for(subject, uid)
    return {
        "runId": str(run.uid),
        "number": run.number,
        "state": run.state,
        "words": run.get_state_display().lower(),
        "reason": run.reason,
        "has_ended": run.has_ended,
        "url": settings.BASE_URL + reverse("runs:detail", args=[run.uid]),
        "outputs": {name: row["value"] for name, row in run.outputs.items() if not row["sensitive"]},
    }
