"""Tasks whose worker is gone, and tasks whose message was lost."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from scaffolder.tasks.models import Task, TaskState
from scaffolder.tasks.publishing import send
from scaffolder.tasks.services import end_task

# A message that was not taken up by then is sent once more; a doubled one does no harm.
OVERDUE = timedelta(seconds=10)
LOST = (
    "The worker that ran this task was lost. What its finished steps made stays; the step that was under way may be "
    "half done. Run the task again when you have looked."
)


def reap_tasks() -> tuple[int, int]:
    """End tasks whose lease ran out, publish waiting ones again; how many of each."""
    now = timezone.now()
    ended = sum(
        end_task(task, TaskState.FAILED, reason=LOST)
        for task in Task.objects.filter(state=TaskState.PROCESSING, lease_until__lt=now)
    )
    waiting = Task.objects.filter(state=TaskState.OPEN, created_at__lt=now - OVERDUE).order_by("created_at")
    overdue = list(waiting.values_list("pk", flat=True)[:200])
    for pk in overdue:
        send(pk)
    return ended, len(overdue)
