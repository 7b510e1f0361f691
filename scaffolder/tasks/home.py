"""The home page's card of tasks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from portal.accounts.middleware import subject_of
from scaffolder.tasks.queries import tasks_for


def recent_tasks(request: HttpRequest, _subject: Any) -> dict[str, Any] | None:
    """One's own newest tasks; nothing where there are none."""
    subject = subject_of(request)
    tasks = list(tasks_for(subject).filter(created_by=subject.user)[:6])
    return {"tasks": tasks} if tasks else None
