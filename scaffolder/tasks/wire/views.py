"""``/api/scaffolder/v2/tasks``: make, list, follow, cancel and retry tasks."""

from __future__ import annotations

import json
import time

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from catalog.entities.refs import EntityRef
from portal.accounts.subjects import Subject, refreshed
from portal.api.wire import read_json, wire
from portal.jobs.streams import Message, News, event_stream
from portal.lib.errors import Invalid
from scaffolder.blueprints.queries import get_blueprint_by_ref
from scaffolder.tasks.models import Task, TaskState
from scaffolder.tasks.queries import events_after, get_task_for, read_after, tasks_for
from scaffolder.tasks.recorder import topic_of
from scaffolder.tasks.services import cancel_task, check_space_choice, create_task, retry_task
from scaffolder.tasks.wire.shapes import event_body, task_body

LONGEST_POLL = 30.0
POLL_STEP = 0.5
MOST_TASKS = 500


@wire("GET", "POST")
def tasks(request: HttpRequest, subject: Subject) -> HttpResponse:
    """List tasks by rights, or make one."""
    return _list(request, subject) if request.method == "GET" else _create(request, subject)


def _create(request: HttpRequest, subject: Subject) -> HttpResponse:
    body = read_json(request)
    ref, values, secrets = body.get("templateRef"), body.get("values", {}), body.get("secrets") or {}
    if not isinstance(ref, str):
        raise Invalid("templateRef must name a template, as in template:default/service.")
    if not isinstance(values, dict) or not isinstance(secrets, dict):
        raise Invalid("values and secrets must be JSON objects.")
    blueprint = get_blueprint_by_ref(subject, str(EntityRef.parse(ref, default_kind="template")))
    space = check_space_choice(subject, body.get("space"), blueprint.space)
    texts = {str(name): str(value) for name, value in secrets.items()}
    task = create_task(subject=subject, blueprint=blueprint, space=space, values=values, secrets=texts)
    location = reverse("scaffolder-wire:task", args=[task.uid])
    return JsonResponse({"id": str(task.uid)}, status=201, headers={"Location": location})


def _list(request: HttpRequest, subject: Subject) -> HttpResponse:
    found = tasks_for(subject)
    if states := request.GET.getlist("status"):
        found = found.filter(state__in=states)
    if owners := request.GET.getlist("createdBy"):
        found = found.filter(created_by__username__in=[owner.rpartition("/")[2] for owner in owners])
    for order in request.GET.getlist("order"):
        direction, _, field = order.partition(":")
        columns = {"created_at": "created_at", "createdAt": "created_at", "status": "state"}
        if direction not in ("asc", "desc") or field not in columns:
            raise Invalid(f'Invalid order parameter "{order}", expected "<asc or desc>:<field name>".')
        found = found.order_by(("-" if direction == "desc" else "") + columns[field])
    total = found.count()
    offset, limit = _number(request, "offset", 0), _number(request, "limit", MOST_TASKS)
    rows = [task_body(task) for task in found[offset : offset + min(limit, MOST_TASKS)]]
    return JsonResponse({"tasks": rows, "totalTasks": total})


def _number(request: HttpRequest, name: str, default: int) -> int:
    raw = request.GET.get(name, str(default))
    if not raw.isdigit():
        raise Invalid(f"{name} must be a whole number that is not negative.")
    return int(raw)


@wire("GET")
def task(request: HttpRequest, subject: Subject, uid: str) -> HttpResponse:
    """One task."""
    return JsonResponse(task_body(get_task_for(subject, uid)))


@wire("POST")
def cancel(request: HttpRequest, subject: Subject, uid: str) -> HttpResponse:
    """Ask a task to end."""
    cancel_task(subject=subject, task=get_task_for(subject, uid))
    return JsonResponse({"status": TaskState.CANCELLED})


@wire("POST")
def retry(request: HttpRequest, subject: Subject, uid: str) -> HttpResponse:
    """Run a task again, under the same id."""
    found = retry_task(subject=subject, task=get_task_for(subject, uid))
    return JsonResponse({"id": str(found.uid)}, status=201)


@wire("GET")
def events(request: HttpRequest, subject: Subject, uid: str) -> HttpResponse:
    """Events behind ``after``; waits up to 30 s for the first."""
    found, after = get_task_for(subject, uid), read_after(request.GET.get("after"))
    deadline = time.monotonic() + LONGEST_POLL
    while not (rows := events_after(found, after)) and not found.has_ended and time.monotonic() < deadline:
        connection.close()
        time.sleep(POLL_STEP)
        found.refresh_from_db()
    return JsonResponse([event_body(row, found) for row in rows], safe=False)


@wire("GET")
def eventstream(request: HttpRequest, subject: Subject, uid: str) -> HttpResponseBase:
    """Events as they come, as server-sent events; ends with the completion."""
    found, after = get_task_for(subject, uid), read_after(request.GET.get("after"))

    def read(cursor: str) -> News:
        return _news(get_task_for(refreshed(subject), found.uid), int(cursor or 0))

    return event_stream(request, topic_of(found), read, str(after or 0))


def _news(found: Task, after: int) -> News:
    rows = events_after(found, after)
    messages = [Message(row.kind, json.dumps(event_body(row, found)), str(row.pk)) for row in rows]
    return News(messages, messages[-1].id if messages else str(after), any(row.kind == "completion" for row in rows))
