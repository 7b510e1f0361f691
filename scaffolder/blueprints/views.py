"""The gallery of blueprints, and the form that turns one into a task."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.models import User
from portal.lib.errors import Invalid, NotFound
from portal.spaces import access
from portal.ui.requests import wants_fragment
from portal.ui.spaces import chosen_space, narrow
from scaffolder.blueprints import drafts
from scaffolder.blueprints.gallery import cards, choices
from scaffolder.blueprints.models import Draft
from scaffolder.blueprints.queries import Suggestions, get_blueprint_by_ref, get_blueprint_for, templates_for
from scaffolder.blueprints.reading import Blueprint
from scaffolder.forms.build import build_page
from scaffolder.forms.fields import FieldError, FormContext, Submission
from scaffolder.forms.review import review as review_rows
from scaffolder.forms.schemas import PageSchema
from scaffolder.forms.validate import validate
from scaffolder.tasks.policies import Permission
from scaffolder.tasks.services import check_space_choice, create_task

CREATE = ("Create", "/create/")


@require_safe
@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    """What may be asked for, by type and tag."""
    found = cards(narrow(request, templates_for(subject_of(request))), request.GET)
    context = {
        "crumbs": [("Create", "")],
        "groups": found.groups,
        "total": found.total,
        "types": choices(found.types, request.GET.getlist("type")),
        "tags": choices(found.tags, request.GET.getlist("tag")),
        "drafts": Draft.objects.filter(user=_user(request))[:5],
    }
    fragment = "scaffolder/blueprints/_gallery.html"
    return render(request, fragment if wants_fragment(request) else "scaffolder/blueprints/gallery.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, namespace: str, name: str) -> HttpResponse:
    """The first page of a blueprint's form. Nothing is kept until it is sent."""
    blueprint = get_blueprint_for(subject_of(request), namespace, name)
    if not blueprint.pages:
        return redirect(_review_url(drafts.new_draft(_user(request), blueprint)))
    return _page(request, blueprint, None, 1)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, uid: str, number: int) -> HttpResponse:
    """A page of a form that was begun."""
    draft = drafts.get_draft_for(_user(request), uid)
    return _page(request, get_blueprint_by_ref(subject_of(request), draft.template_ref), draft, number)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, uid: str) -> HttpResponse:
    """Everything that was entered, where it will live, and the button that starts it."""
    subject = subject_of(request)
    draft = drafts.get_draft_for(_user(request), uid)
    blueprint = get_blueprint_by_ref(subject, draft.template_ref)
    values, secrets = drafts.values_of(draft, blueprint.pages), drafts.secrets_of(draft)
    problem: Invalid | None = None
    if request.method == "POST":
        try:
            space = check_space_choice(subject, request.POST.get("space"), blueprint.space)
            task = create_task(subject=subject, blueprint=blueprint, space=space, values=values, secrets=secrets)
            draft.delete()
            return redirect("tasks:detail", uid=task.uid)
        except Invalid as error:
            problem = error
    context = {
        "crumbs": [CREATE, (blueprint.title, "")],
        "blueprint": blueprint,
        "draft": draft,
        "rows": review_rows(values, blueprint.pages, secrets.keys()),
        "problem": problem,
        "spaces": access.spaces_with(subject, Permission.TASK_CREATE),
        "chosen": _chosen_slug(request, blueprint),
        "steps": _stepper(blueprint, draft, None),
        "back_url": reverse("create:page", args=[draft.uid, len(blueprint.pages)]) if blueprint.pages else "",
    }
    return render(request, "scaffolder/blueprints/review.html", context, status=422 if problem else 200)


@login_required
@require_POST
def discard(request: HttpRequest, uid: str) -> HttpResponse:
    """Throw a draft away."""
    drafts.get_draft_for(_user(request), uid).delete()
    return redirect("create:gallery")


def _page(request: HttpRequest, blueprint: Blueprint, draft: Draft | None, number: int) -> HttpResponse:
    if not 1 <= number <= len(blueprint.pages):
        raise NotFound("This form has no such page.")
    schema = blueprint.pages[number - 1]
    errors: list[FieldError] = []
    submission: Submission | None = None
    refreshing = request.POST.get("_act") == "refresh"
    if request.method == "POST":
        submission = drafts.submission_of(schema, request.POST, refreshing=refreshing)
        if not (refreshing or submission.pressed):
            kept = drafts.secrets_of(draft) if draft else {}
            errors = validate(submission.values, [schema], secrets={**kept, **submission.secrets}, whole_addresses=True)
            if not errors:
                draft = draft or drafts.new_draft(_user(request), blueprint)
                drafts.keep_page(draft, schema, submission)
                return redirect(_next_url(blueprint, draft, number))
    shown = _shown(request, schema, draft, submission, errors)
    context = {
        "crumbs": [CREATE, (blueprint.title, "")],
        "blueprint": blueprint,
        "page": shown,
        "number": number,
        "draft": draft,
        "refresh_url": request.path,
        "back_url": reverse("create:page", args=[draft.uid, number - 1]) if draft and number > 1 else "",
        "is_last": number == len(blueprint.pages),
        "steps": _stepper(blueprint, draft, number),
    }
    template = "scaffolder/blueprints/_page.html" if wants_fragment(request) else "scaffolder/blueprints/page.html"
    return render(request, template, context, status=422 if errors else 200)


def _shown(
    request: HttpRequest,
    schema: PageSchema,
    draft: Draft | None,
    submission: Submission | None,
    errors: list[FieldError],
) -> Any:
    """The page's fields for what was just posted, else for what the draft holds."""
    kept = drafts.secrets_of(draft) if draft else {}
    context = FormContext(suggest=Suggestions(subject_of(request)), kept_secrets=kept.keys())
    if submission is not None:
        return build_page(schema, submission.values, errors, state=submission.state, context=context)
    if draft is not None:
        values, state = drafts.page_values(draft, schema), drafts.page_state(draft, schema)
        return build_page(schema, values, state=state, context=context)
    return build_page(schema, {}, context=context)


def _stepper(blueprint: Blueprint, draft: Draft | None, current: int | None) -> list[dict[str, Any]]:
    rows = []
    for schema in blueprint.pages:
        is_done = draft is not None and str(schema.number) in draft.pages
        href = reverse("create:page", args=[draft.uid, schema.number]) if draft and is_done else ""
        state = "running" if schema.number == current else "completed" if is_done else "pending"
        rows.append({"label": schema.title, "state": state, "href": href, "current": schema.number == current})
    state = "running" if current is None else "pending"
    return [*rows, {"label": "Review", "state": state, "current": current is None}]


def _next_url(blueprint: Blueprint, draft: Draft, number: int) -> str:
    if number < len(blueprint.pages):
        return reverse("create:page", args=[draft.uid, number + 1])
    return _review_url(draft)


def _review_url(draft: Draft) -> str:
    return reverse("create:review", args=[draft.uid])


def _chosen_slug(request: HttpRequest, blueprint: Blueprint) -> str:
    """The space that is offered first: the one just sent, the one picked in the header, or the blueprint's own."""
    picked = chosen_space(request)
    fallback = picked.slug if picked and not picked.is_root else blueprint.space.slug if blueprint.space else ""
    return request.POST.get("space") or fallback


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
