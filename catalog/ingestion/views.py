"""Pages of locations: where entities come from, registering with a preview, refreshing, unregistering."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.entities.linking import entity_url
from catalog.entities.querysets import visible_entities
from catalog.ingestion.forms import RegisterForm
from catalog.ingestion.keepers import PROVIDED, holder_of
from catalog.ingestion.models import Location
from catalog.ingestion.policies import Permission
from catalog.ingestion.problems import told_problems
from catalog.ingestion.services import (
    Preview,
    preview_location,
    refresh_location,
    register_location,
    unregister_location,
)
from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden, PortalError
from portal.spaces import access
from portal.ui.forms import add_error, attempt
from portal.ui.panels import shown_panels
from portal.ui.spaces import chosen_space, narrow

CRUMBS = [("Catalog", "/catalog/"), ("Locations", "/catalog/-/locations/")]
_PAGE = 50
_MOST_SHOWN = 200


def get_location_for(subject: Subject, uid: UUID, permission: str = Permission.LOCATION_READ) -> Location:
    """The location with the right to it."""
    return access.get_for(subject, Location.objects.select_related("space", "created_by"), permission, uid=uid)


@login_required
@require_safe
def location_list(request: HttpRequest) -> HttpResponse:
    """Every location that the subject may see, with how its last reading went."""
    subject = subject_of(request)
    found = narrow(request, access.visible_to(subject, Location.objects.exclude(type=PROVIDED).select_related("space")))
    if text := request.GET.get("q", "").replace("\x00", "").strip():
        found = found.filter(target__icontains=text)
    found = found.annotate(
        entity_count=Count("entities", distinct=True), problem_count=Count("problems", distinct=True)
    ).order_by("target", "pk")
    may_register = bool(access.reach(subject, Permission.LOCATION_CREATE))
    values = {
        "crumbs": [CRUMBS[0], ("Locations", "")],
        "page": Paginator(found, _PAGE).get_page(request.GET.get("page")),
        "register_refusal": "" if may_register else "Ask an admin of a space for a role that may register files there.",
    }
    return render(request, "catalog/ingestion/location_list.html", values)


@login_required
@require_safe
def location_detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One location: when it was read, what it gave, what was wrong."""
    subject = subject_of(request)
    location = get_location_for(subject, uid)
    holder = holder_of(location)
    if holder is not None and location.type == PROVIDED:
        return redirect(holder.url)
    entities = visible_entities(subject).filter(location=location).order_by("kind_key", "name_key")
    values = {
        "crumbs": [*CRUMBS, (location.target, "")],
        "location": location,
        "rows": [
            (entity, entity_url(entity.ref)) for entity in entities.only("ref", "kind", "title", "name")[:_MOST_SHOWN]
        ],
        "total": entities.count(),
        "problems": told_problems(subject, location.problems.all()[:_MOST_SHOWN]),
        "problem_total": location.problems.count(),
        "refusals": {
            "refresh": _refusal(subject, Permission.LOCATION_REFRESH, location),
            "delete": f"The provider {holder.name} gives it; remove it there."
            if holder
            else _refusal(subject, Permission.LOCATION_DELETE, location),
        },
        "holder": holder,
        "panels": shown_panels(request, "location_card", location),
    }
    return render(request, "catalog/ingestion/location.html", values)


def _refusal(subject: Subject, permission: str, location: Location) -> str:
    return "" if access.can(subject, permission, location) else access.refusal(permission, location.space)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register an address, after a look at what it would give."""
    subject = subject_of(request)
    if not access.reach(subject, Permission.LOCATION_CREATE):
        raise Forbidden("You may not register catalog files in any space. Ask an admin of a space for the role Writer.")
    space = chosen_space(request)
    form = RegisterForm(request.POST or None, subject=subject, initial={"space": space.slug if space else ""})
    preview = None
    if form.is_valid():
        wanted = {"type": "url", "target": form.cleaned_data["target"], "space": form.cleaned_data["space"]}
        if "preview" not in request.POST:
            location = attempt(form, lambda: register_location(subject=subject, **wanted))
            if location is not None:
                messages.success(request, "Registered. It is being read; this page shows what comes of it.")
                return redirect("catalog:location", location.uid)
        else:
            preview = _preview(form, subject, wanted)
    values = {"crumbs": [*CRUMBS, ("Register", "")], "form": form, "preview": preview and _told(preview)}
    return render(request, "catalog/ingestion/register.html", values, status=422 if form.errors else 200)


def _preview(form: RegisterForm, subject: Subject, wanted: dict[str, Any]) -> Preview | None:
    try:
        return preview_location(subject=subject, **wanted)
    except PortalError as error:
        add_error(form, error)
        return None


def _told(preview: Preview) -> dict[str, Any]:
    kinds = Counter(found.entity["kind"] for found in preview.found)
    rows = [
        {"kind": found.entity["kind"], "ref": found.ref, "address": found.address, "line": found.line,
         "title": found.entity["metadata"].get("title") or found.entity["metadata"]["name"],
         "is_taken": found.ref in preview.taken}
        for found in preview.found
    ]  # fmt: skip
    return {
        "rows": rows, "kinds": sorted(kinds.items()), "troubles": preview.troubles, "exists": preview.exists,
        "is_cut": preview.is_cut, "taken": len(preview.taken),
    }  # fmt: skip


@login_required
@require_POST
def location_refresh(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Have the location read again."""
    subject = subject_of(request)
    location = get_location_for(subject, uid)
    refresh_location(subject=subject, location=location)
    messages.success(request, "It will be read again in a moment.")
    return redirect("catalog:location", location.uid)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def location_unregister(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show what goes with the location, and unregister it."""
    subject = subject_of(request)
    location = get_location_for(subject, uid, Permission.LOCATION_DELETE)
    if request.method == "POST":
        count = unregister_location(subject=subject, location=location)
        messages.success(request, f"Unregistered, with {count} entit{'y' if count == 1 else 'ies'}.")
        return redirect("catalog:locations")
    entities = location.entities.order_by("kind_key", "name_key")
    values = {
        "crumbs": [*CRUMBS, ("Unregister", "")],
        "location": location,
        "rows": [
            (entity, entity_url(entity.ref)) for entity in entities.only("ref", "kind", "title", "name")[:_MOST_SHOWN]
        ],
        "total": entities.count(),
    }
    return render(request, "catalog/ingestion/unregister.html", values)
