"""The pages of tasks: all of them, and one as it runs."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.jobs.streams import event_stream
from portal.spaces import access
from portal.ui.requests import wants_fragment
from portal.ui.spaces import narrow
from scaffolder.tasks.live import LiveTask
from scaffolder.tasks.models import Task, TaskState
from scaffolder.tasks.policies import Permission
from scaffolder.tasks.queries import get_task_for, tasks_for
from scaffolder.tasks.recorder import topic_of
from scaffolder.tasks.results import results_of
from scaffolder.tasks.services import cancel_task, retry_task

CRUMBS = [("Create", "/create/"), ("Tasks", "/create/tasks/")]
PAGE_SIZE = 30


@require_safe
@login_required
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks, newest first; by state, and one's own alone where asked."""
    subject = subject_of(request)
    found = narrow(request, tasks_for(subject))
    states = request.GET.getlist("state")
    if states:
        found = found.filter(state__in=states)
    if request.GET.get("mine"):
        found = found.filter(created_by=subject.user)
    if q := request.GET.get("q", "").strip():
        found = found.filter(title__icontains=q)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    options = [{"value": value, "label": label, "is_selected": value in states} for value, label in TaskState.choices]
    context = {"crumbs": [*CRUMBS[:1], ("Tasks", "")], "page_obj": page, "states": options}
    fragment = "scaffolder/tasks/_task_list.html"
    return render(request, fragment if wants_fragment(request) else "scaffolder/tasks/task_list.html", context)


@require_safe
@login_required
def detail(request: HttpRequest, uid: str) -> HttpResponse:
    """One task: its steps, its log as it grows, and what came of it."""
    subject = subject_of(request)
    task = get_task_for(subject, uid)
    events = list(task.events.order_by("pk")[:20_000])
    context = {
        "crumbs": [*CRUMBS, (task.title, "")],
        "task": task,
        "steps": task.steps.all(),
        "events": events,
        "last": events[-1].pk if events else 0,
        "results": results_of(task),
        "can_cancel": access.can(subject, Permission.TASK_CANCEL, task),
        "retry_refusal": _retry_refusal(request, task),
    }
    return render(request, "scaffolder/tasks/task.html", context)


@require_safe
@login_required
def live(request: HttpRequest, uid: str) -> HttpResponseBase:
    """New lines and the state of the steps, as server-sent events, until the task has ended."""
    task = get_task_for(subject_of(request), uid)
    return event_stream(request, topic_of(task), LiveTask(request, str(task.uid)).read, request.GET.get("after", "0"))


@login_required
@require_POST
def cancel(request: HttpRequest, uid: str) -> HttpResponse:
    """Ask the task to end."""
    task = cancel_task(subject=subject_of(request), task=get_task_for(subject_of(request), uid))
    messages.success(request, "The task is being cancelled." if not task.has_ended else "The task is cancelled.")
    return redirect("tasks:detail", uid=task.uid)


@login_required
@require_POST
def retry(request: HttpRequest, uid: str) -> HttpResponse:
    """Run the task again."""
    task = retry_task(subject=subject_of(request), task=get_task_for(subject_of(request), uid))
    return redirect("tasks:detail", uid=task.uid)


def _retry_refusal(request: HttpRequest, task: Task) -> str:
    """Why the task can not be run again, or nothing."""
    if task.spec.get("secretNames"):
        return "It needs secrets, which are not kept. Fill in the form again."
    if not access.may_in(subject_of(request), Permission.TASK_CREATE, task.space):
        return access.refusal(Permission.TASK_CREATE, task.space)
    return ""
