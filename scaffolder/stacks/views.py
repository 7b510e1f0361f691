"""Pages of stacks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.entities.linking import entity_url
from catalog.entities.models import Entity
from catalog.resources.querysets import resources_for, with_health
from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.lib.errors import Conflict
from portal.spaces import access
from portal.ui.forms import attempt
from portal.ui.spaces import chosen_space, narrow
from scaffolder.runs.models import RunState, RunType
from scaffolder.runs.policies import Permission as RunPermission
from scaffolder.runs.queries import runs_for
from scaffolder.runs.services import destroy_stack, open_run, trigger_run
from scaffolder.stacks import services
from scaffolder.stacks.forms import StackCreateForm, StackForm, VariableForm
from scaffolder.stacks.models import Stack, StateLock
from scaffolder.stacks.policies import Permission
from scaffolder.stacks.queries import NO_RUN, SORTS, filtered, get_stack_for, stacks_for, state_counts, with_last_run
from scaffolder.stacks.role_views import role_values
from scaffolder.tools.registry import tool_classes

CRUMB = ("Stacks", "/stacks/")
RECENT_RUNS = 15
PAGE_SIZE = 30
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def stack_list(request: HttpRequest) -> HttpResponse:
    """Stacks with their last run, narrowed by the address."""
    subject = subject_of(request)
    query = request.GET
    visible = with_last_run(narrow(request, stacks_for(subject)))
    asked = {"q": query.get("q", "").replace("\0", ""), "label": query.get("label", ""), "tools": query.getlist("tool")}
    unstated = filtered(visible, asked)
    found = filtered(visible, {**asked, "states": query.getlist("state")})
    sort = query.get("sort", "name")
    order = SORTS.get(sort.lstrip("-"), "name")
    page = Paginator(found.order_by(f"-{order}" if sort.startswith("-") else order, "pk"), 30).get_page(
        query.get("page")
    )
    values = {
        "crumbs": [("Stacks", "")], "page": page, "states": _state_options(state_counts(unstated)),
        "tools": [{"value": name, "label": tool.title} for name, tool in sorted(tool_classes().items())],
        "create_refusal": _create_refusal(subject), "label": asked["label"],
    }  # fmt: skip
    return render(request, "scaffolder/stacks/stack_list.html", values)


def _ordered(order: str, *, is_down: bool) -> tuple[str, str]:
    return f"-{order}" if is_down else order, "pk"


def _state_options(counts: dict[str, int]) -> list[dict[str, Any]]:
    names = [*RunState.choices, (NO_RUN, "Never run")]
    return [{"value": value, "label": label, "count": counts[value]} for value, label in names if value in counts]


def _create_refusal(subject: Subject) -> str:
    if access.reach(subject, Permission.STACK_CREATE):
        return ""
    return "You may not make stacks in any space. Ask an admin of a space for a role that may."


@login_required
@form_methods
def stack_create(request: HttpRequest) -> HttpResponse:
    """Make a stack from a repository."""
    subject = subject_of(request)
    picked = chosen_space(request)
    initial = {"space": picked.slug if picked else "", "tool": "opentofu"}
    form = StackCreateForm(request.POST or None, subject=subject, initial=initial)
    if form.is_valid():
        stack = attempt(form, lambda: services.create_stack(subject=subject, **form.values()))
        if stack:
            messages.success(request, f"“{stack.name}” is there. Give it its variables, then start a run.")
            return redirect("stacks:detail", stack.slug)
    values = {
        "crumbs": [CRUMB, ("New stack", "")], "form": form, "title": "New stack", "verb": "Make the stack",
        "back": CRUMB[1],
        "intro": "A stack is a folder of code that one tool applies, with its own state, variables and runs.",
    }  # fmt: skip
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)


def _stack_page(request: HttpRequest, slug: str, tab: str) -> tuple[Stack, dict[str, Any]]:
    """The stack and what every one of its tabs shows."""
    subject = subject_of(request)
    stack = get_stack_for(subject, slug)
    last = "" if tab == "overview" else tab.capitalize()
    crumbs = [CRUMB, (stack.name, reverse("stacks:detail", args=[slug]))]
    resources = resources_for(subject).filter(stack_uid=stack.uid)
    values = {
        "stack": stack, "tab_is": {tab: True}, "tab_template": f"scaffolder/stacks/_{tab}.html",
        "crumbs": [*crumbs, (last, "")] if last else [CRUMB, (stack.name, "")],
        "tool_title": _tool_title(stack), "resource_count": resources.count(),
        "variable_count": stack.variables.count(),
        "open_run": open_run(stack), "reasons": _reasons(subject, stack),
    }  # fmt: skip
    return stack, values


def _tool_title(stack: Stack) -> str:
    tool = tool_classes().get(stack.tool)
    return tool.title if tool else stack.tool


def _reasons(subject: Subject, stack: Stack) -> dict[str, str]:
    """For each act on a stack why it cannot be done now; empty where it can."""
    found = open_run(stack)
    busy = f"Run #{found.number} is open; one run at a time may change a stack." if found else ""
    update = _right(subject, Permission.STACK_UPDATE, stack)
    return {
        "trigger": _right(subject, RunPermission.RUN_TRIGGER, stack) or busy,
        "propose": _right(subject, RunPermission.RUN_TRIGGER, stack),
        "update": update,
        "delete": _right(subject, Permission.STACK_DELETE, stack) or _undeletable(stack),
        "unlock": _right(subject, Permission.STACK_STATE_UNLOCK, stack),
        "state": _right(subject, Permission.STACK_STATE_READ, stack),
    }


def _right(subject: Subject, permission: str, stack: Stack) -> str:
    return "" if access.can(subject, permission, stack) else access.refusal(permission, stack.space)


def _undeletable(stack: Stack) -> str:
    try:
        services.check_deletable(stack)
    except Conflict as error:
        return error.detail
    return ""


@login_required
@require_safe
def stack_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What the stack is, and its latest runs."""
    stack, values = _stack_page(request, slug, "overview")
    subject = subject_of(request)
    values["runs"] = list(runs_for(subject).filter(stack=stack)[:RECENT_RUNS])
    values["entity"] = access.visible_to(subject, Entity.objects.filter(ref=stack.entity_ref)).first()
    values["entity_url"] = entity_url(stack.entity_ref) if values["entity"] else ""
    finished = stack.runs.filter(state=RunState.FINISHED).exclude(type=RunType.PROPOSED).first()
    values["outputs"] = finished.outputs if finished else {}
    return render(request, "scaffolder/stacks/stack.html", values)


@login_required
@require_safe
def stack_resources(request: HttpRequest, slug: str) -> HttpResponse:
    """What the stack has deployed."""
    stack, values = _stack_page(request, slug, "resources")
    values["resources"] = list(with_health(resources_for(subject_of(request))).filter(stack_uid=stack.uid)[:500])
    return render(request, "scaffolder/stacks/stack.html", values)


@login_required
@form_methods
def stack_variables(request: HttpRequest, slug: str) -> HttpResponse:
    """The variables; a POST adds or replaces one."""
    stack, values = _stack_page(request, slug, "variables")
    subject = subject_of(request)
    form = VariableForm(request.POST or None)
    if form.is_valid():
        saved = attempt(form, lambda: services.set_variable(subject=subject, stack=stack, **form.cleaned_data))
        if saved:
            messages.success(request, "Saved. The next run uses it.")
            return redirect("stacks:variables", slug)
    values |= {"form": form, "variables": list(stack.variables.all())}
    return render(request, "scaffolder/stacks/stack.html", values, status=422 if form.errors else 200)


@login_required
@require_POST
def variable_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a variable away."""
    subject = subject_of(request)
    stack = get_stack_for(subject, slug, Permission.STACK_UPDATE)
    name, is_environment = request.POST.get("name", ""), request.POST.get("kind") == "environment"
    services.delete_variable(subject=subject, stack=stack, name=name, is_environment=is_environment)
    messages.success(request, f"The variable {name} is gone.")
    return redirect("stacks:variables", slug)


@login_required
@require_safe
def stack_state(request: HttpRequest, slug: str) -> HttpResponse:
    """Versions of the state, and who holds its lock."""
    stack, values = _stack_page(request, slug, "state")
    values["versions"] = list(stack.state_versions.defer("content")[:50])
    values["lock"] = StateLock.objects.filter(stack=stack).first()
    return render(request, "scaffolder/stacks/stack.html", values)


@login_required
@require_POST
def state_unlock(request: HttpRequest, slug: str) -> HttpResponse:
    """Release the lock of the state."""
    subject = subject_of(request)
    try:
        services.unlock_state(subject=subject, stack=get_stack_for(subject, slug))
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, "The state is unlocked.")
    return redirect("stacks:state", slug)


@login_required
@form_methods
def stack_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the stack, or delete it."""
    stack, values = _stack_page(request, slug, "settings")
    subject = subject_of(request)
    names = ("name", "description", "tool", "repository", "branch", "project_root", "entity_ref")
    initial = {name: getattr(stack, name) for name in (*names, "is_autodeployed", "is_protected")}
    initial |= {"labels": ", ".join(stack.labels), "options": "\n".join(map("=".join, stack.options.items()))}
    form = StackForm(request.POST or None, stack=stack, initial=initial)
    if form.is_valid():
        saved = attempt(form, lambda: services.update_stack(subject=subject, stack=stack, **form.values()))
        if saved:
            messages.success(request, "Saved.")
            return redirect("stacks:settings", slug)
    values |= {"form": form, **role_values(request, stack)}
    return render(request, "scaffolder/stacks/stack.html", values, status=422 if form.errors else 200)


@login_required
@require_POST
def stack_trigger(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a run."""
    subject = subject_of(request)
    stack = get_stack_for(subject, slug)
    wish = request.POST.get("type", RunType.TRACKED)
    try:
        run = trigger_run(subject=subject, stack=stack, type=wish if wish in RunType.values else RunType.TRACKED)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect("stacks:detail", slug)
    return redirect("runs:detail", run.uid)


@login_required
@require_POST
def stack_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete the stack, and what it deployed too if that is wished."""
    subject = subject_of(request)
    stack = get_stack_for(subject, slug, Permission.STACK_DELETE)
    try:
        if request.POST.get("resources") == "destroy":
            run = destroy_stack(subject=subject, stack=stack)
            messages.success(request, "This run destroys everything. Confirm its plan; then the stack is deleted.")
            return redirect("runs:detail", run.uid)
        services.delete_stack(subject=subject, stack=stack)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect("stacks:settings", slug)
    messages.success(request, f"“{stack.name}” is gone. What it deployed was kept and is managed by nobody now.")
    return redirect("stacks:list")
