"""Pages of destinations of the trail."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.audit.models import Destination
from portal.audit.streaming import services
from portal.audit.streaming.forms import DestinationForm
from portal.lib.errors import NotFound
from portal.ui.forms import attempt

CRUMBS = [("Audit", "/audit/"), ("Destinations", "/audit/destinations/")]
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def destination_list(request: HttpRequest) -> HttpResponse:
    """Where the trail goes, and how far each destination is."""
    rows = list(services.destinations_for(subject_of(request)))
    values = {
        "crumbs": [CRUMBS[0], ("Destinations", "")], "destinations": rows, "kinds": Destination.Kind.choices,
    }  # fmt: skip
    return render(request, "portal/audit/destinations.html", values)


@login_required
@form_methods
@fresh_only
def destination_create(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a destination of one kind."""
    subject = subject_of(request)
    services.check_manage(subject)
    if kind not in Destination.Kind.values:
        raise NotFound("There is no such kind of destination.")
    form = DestinationForm(kind, request.POST or None)
    if form.is_valid():
        made = attempt(form, lambda: services.create_destination(subject=subject, kind=kind, **form.cleaned_data))
        if made:
            if made.secret and not form.cleaned_data.get("secret"):
                messages.success(request, f"“{made.name}” is there. Its signing secret, shown this once: {made.secret}")
            else:
                messages.success(request, f"“{made.name}” is there.")
            return redirect("audit:destinations")
    return _form_page(request, form, f"New destination: {Destination.Kind(kind).label}", "Add the destination")


@login_required
@form_methods
@fresh_only
def destination_change(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a destination."""
    subject = subject_of(request)
    row = services.get_destination(subject, uid)
    initial = {"name": row.name, "address": row.address, "is_enabled": row.is_enabled}
    form = DestinationForm(row.kind, request.POST or None, initial=initial, is_new=False)
    if form.is_valid():
        saved = attempt(
            form, lambda: services.update_destination(subject=subject, destination=row, **form.cleaned_data)
        )
        if saved:
            messages.success(request, "Saved.")
            return redirect("audit:destinations")
    return _form_page(request, form, f"Change {row.name}", "Save")


@login_required
@require_POST
@fresh_only
def destination_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete a destination."""
    subject = subject_of(request)
    row = services.get_destination(subject, uid)
    services.delete_destination(subject=subject, destination=row)
    messages.success(request, f"“{row.name}” is gone, and gets nothing any more.")
    return redirect("audit:destinations")


@login_required
@require_POST
def destination_test(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Send one event at once."""
    subject = subject_of(request)
    row = services.get_destination(subject, uid)
    error = services.send_test(subject=subject, destination=row)
    if error:
        messages.error(request, f"“{row.name}” did not take the test event: {error}")
    else:
        messages.success(request, f"“{row.name}” took the test event.")
    return redirect("audit:destinations")


def _form_page(request: HttpRequest, form: DestinationForm, title: str, verb: str) -> HttpResponse:
    values = {
        "crumbs": [*CRUMBS, (title, "")], "form": form, "title": title, "verb": verb,
        "back": reverse("audit:destinations"), "intro": "",
    }  # fmt: skip
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)
