"""Named reads of tasks, each by the rights of who asks."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet

from portal.accounts.subjects import Subject
from portal.lib.errors import Invalid, NotFound
from portal.spaces import access
from scaffolder.tasks.models import ENDED, Task, TaskEvent
from scaffolder.tasks.policies import Permission


def tasks_for(subject: Subject) -> QuerySet[Task]:
    """The tasks that ``subject`` may see, newest first."""
    return access.visible_to(subject, Task.objects.select_related("space", "created_by"))


def get_task_for(subject: Subject, uid: Any, permission: str = Permission.TASK_READ) -> Task:
    """One task by its uid, with the right to ``permission`` on it."""
    try:
        found = uuid.UUID(str(uid))
    except ValueError as error:
        raise NotFound("There is no such task, or you may not see it.") from error
    return access.get_for(subject, Task.objects.select_related("space", "created_by"), permission, uid=found)


def events_after(task: Task, after: int | None, limit: int = 5000) -> list[TaskEvent]:
    """Events with a greater id than ``after``; the completion is always among them once there is one."""
    events = list(task.events.filter(pk__gt=after or 0).order_by("pk")[:limit])
    if after and task.state in ENDED and not any(event.kind == "completion" for event in events):
        events += list(task.events.filter(kind="completion", pk__lte=after))
    return events


def read_after(raw: str | None) -> int | None:
    """The ``after`` parameter of the event endpoints; raises ``Invalid`` where it is no whole number."""
    if raw in (None, ""):
        return None
    if not str(raw).lstrip("-").isdigit():
        raise Invalid("after must be the number of an event.", errors=[{"field": "after", "message": "Not a number"}])
    return int(str(raw))
