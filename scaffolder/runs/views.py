"""Pages of runs: all of them, and one as it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.jobs.streams import event_stream
from portal.lib.errors import Conflict
from portal.spaces import access
from portal.ui.keyset import keyset_page
from portal.ui.spaces import narrow
from scaffolder.runs import services
from scaffolder.runs.models import Run, RunState, RunType
from scaffolder.runs.policies import Permission
from scaffolder.runs.queries import LINES_AT_ONCE, get_run_for, log_after, runs_for, whole_log
from scaffolder.runs.streams import lines_html, log_reader, phases_of, standing_cursor, standing_reader
from scaffolder.runs.transitions import state_words, topic_of

STACKS = ("Stacks", "/stacks/")
SHOWN_CHANGES = 300


@login_required
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """Runs of all visible stacks, newest first, narrowed by the address."""
    states, types = request.GET.getlist("state"), request.GET.getlist("type")
    runs = narrow(request, runs_for(subject_of(request)), "stack__space_id")
    asked = {"state__in": states, "type__in": types}
    page = keyset_page(request, runs.filter(**{name: value for name, value in asked.items() if value}), 50)
    values = {
        "crumbs": [STACKS, ("Runs", "")], "page": page,
        "states": [{"value": value, "label": label} for value, label in RunState.choices],
        "types": [{"value": value, "label": label} for value, label in RunType.choices],
    }  # fmt: skip
    return render(request, "scaffolder/runs/run_list.html", values)


@login_required
@require_safe
def run_detail(request: HttpRequest, uid: str) -> HttpResponse:
    """One run: where it stands, what it would change, what it printed."""
    run = get_run_for(subject_of(request), uid)
    lines = log_after(run)
    last = lines[-1].number if lines else 0
    base, stack_url = reverse("runs:detail", args=[run.uid]), reverse("stacks:detail", args=[run.stack.slug])
    values = standing(request, run) | {
        "crumbs": [STACKS, (run.stack.name, stack_url), (f"Run {run.number}", "")],
        "log_html": lines_html(lines),
        "log_url": f"{base}_/log/stream?after={last}" if not run.has_ended or len(lines) >= LINES_AT_ONCE else "",
        "standing_url": "" if run.has_ended else f"{base}_/standing/stream?after={standing_cursor(run)}",
    }
    return render(request, "scaffolder/runs/run.html", values)


def standing(request: HttpRequest, run: Run) -> dict[str, Any]:
    """What the page says about a run apart from its log."""
    changes = run.changes[:SHOWN_CHANGES]
    return {
        "run": run,
        "title": f"Run {run.number}",
        "steps": phases_of(run),
        "history": list(run.history.all()),
        "changes": changes,
        "more_changes": len(run.changes) - len(changes),
        "outputs": run.outputs,
        "reasons": reasons_against(subject_of(request), run),
        "base": reverse("runs:detail", args=[run.uid]),
    }


def reasons_against(subject: Subject, run: Run) -> dict[str, str]:
    """For each act on a run why it cannot be done now; empty where it can."""
    rules = {
        "confirm": (Permission.RUN_CONFIRM, run.state == RunState.UNCONFIRMED),
        "cancel": (Permission.RUN_STOP, run.state == RunState.QUEUED),
        "stop": (Permission.RUN_STOP, run.state in services.STOPPABLE and not run.stop_wanted_by),
        "retry": (Permission.RUN_TRIGGER, run.has_ended and run.state != RunState.FINISHED),
    }
    return {name: _reason(subject, run, permission, is_time) for name, (permission, is_time) in rules.items()}


def _reason(subject: Subject, run: Run, permission: Permission, is_time: bool) -> str:
    if not is_time:
        return f"The run is {state_words(run.state)}."
    return "" if access.can(subject, permission, run) else access.refusal(permission, run.stack.space)


def draw_standing(request: HttpRequest, run: Run) -> str:
    """The fragment that the stream sends."""
    return render_to_string("scaffolder/runs/_standing_body.html", standing(request, run), request)


_ACTS: dict[str, Callable[..., Run]] = {
    "confirm": services.confirm_run,
    "discard": services.discard_run,
    "cancel": services.cancel_run,
    "stop": services.stop_run,
    "retry": services.retry_run,
}
_SAID = {
    "confirm": "Confirmed. The changes are being made.",
    "discard": "Discarded. Nothing was changed.",
    "cancel": "Canceled before it began.",
    "stop": "The run will stop in a moment.",
    "retry": "A new run has started.",
}


@login_required
@require_POST
def act(request: HttpRequest, uid: str, verb: str) -> HttpResponse:
    """Confirm, discard, cancel, stop or retry."""
    if verb not in _ACTS:
        raise Http404
    subject = subject_of(request)
    run = get_run_for(subject, uid)
    notes = {"note": request.POST["note"][:2000]} if verb in ("confirm", "discard") and request.POST.get("note") else {}
    try:
        run = _ACTS[verb](subject=subject, run=run, **notes)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _SAID[verb])
    return redirect("runs:detail", run.uid)


@login_required
@require_safe
def log_stream(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    """New lines of the log as server-sent events."""
    run = get_run_for(subject_of(request), uid)
    return event_stream(request, topic_of(run), log_reader(request, uid), request.GET.get("after", "0"))


@login_required
@require_safe
def standing_stream(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    """Where the run stands, drawn again whenever it changes."""
    run = get_run_for(subject_of(request), uid)
    reader = standing_reader(request, uid, draw_standing)
    return event_stream(request, topic_of(run), reader, request.GET.get("after", ""))


@login_required
@require_safe
def log_text(request: HttpRequest, uid: str) -> HttpResponse:
    """The whole log as a text file."""
    run = get_run_for(subject_of(request), uid)
    name = f"{run.stack.slug}-{run.number}.log"
    return HttpResponse(
        "".join(whole_log(run)),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
