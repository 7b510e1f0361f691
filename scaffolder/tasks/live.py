"""What the page of a running task is sent: HTML of new log lines, of the steps, and the word that it is over."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import refreshed
from portal.jobs.streams import Message, News
from portal.ui.components.texts import log_line
from scaffolder.tasks.models import Task, TaskEvent
from scaffolder.tasks.queries import get_task_for

MOST_LINES = 500


class LiveTask:
    """Reads one task for one watcher. The right to see it is asked at every reading, with fresh bindings."""

    def __init__(self, request: HttpRequest, uid: str) -> None:
        self._subject, self._uid = subject_of(request), uid

    def task(self) -> Task:
        """The task as it is now; raises ``NotFound`` once the right is gone."""
        return get_task_for(refreshed(self._subject), self._uid)

    def read(self, cursor: str) -> News:
        """Lines behind ``cursor`` with the steps as they are now."""
        after = int(cursor) if cursor.isdigit() else 0
        task = self.task()
        events = list(task.events.filter(pk__gt=after).order_by("pk")[:MOST_LINES])
        is_over = task.has_ended and len(events) < MOST_LINES
        if not events and not is_over:
            return News(cursor=cursor)
        last = str(events[-1].pk if events else after)
        messages = [Message("line", "".join(map(line_html, events)), last)] if events else []
        steps = render_to_string("scaffolder/tasks/_steps.html", {"task": task, "steps": task.steps.all()})
        messages.append(Message("steps", steps, last))
        if is_over:
            messages.append(Message("end", "over", last))
        return News(messages, last, is_over)


def line_html(event: TaskEvent) -> str:
    """One event as a line of the log."""
    level = "error" if event.status == "failed" else "muted" if event.status else ""
    return log_line(event.message, number=None, at=event.created_at, level=level)
