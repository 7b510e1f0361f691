"""Tasks and events as Backstage's clients read them."""

from __future__ import annotations

from typing import Any

from scaffolder.tasks.models import Task, TaskEvent


def task_body(task: Task) -> dict[str, Any]:
    """One task; secrets are never part of it."""
    return {
        "id": str(task.uid),
        "spec": task.spec,
        "status": task.state,
        "createdAt": _time(task.created_at),
        "lastHeartbeatAt": _time(task.started_at),
        "createdBy": f"user:default/{task.created_by.username.lower()}" if task.created_by else None,
        "state": {},
    }


def event_body(event: TaskEvent, task: Task) -> dict[str, Any]:
    """One event of a task's stream."""
    body: dict[str, Any] = {"message": event.message, **event.body}
    if event.step_id:
        body["stepId"] = event.step_id
    if event.status:
        body["status"] = event.status
    return {
        "id": event.pk,
        "taskId": str(task.uid),
        "type": event.kind,
        "body": body,
        "createdAt": _time(event.created_at),
        "isTaskRecoverable": False,
    }


def _time(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
