"""Pages of clients, for admins, and of what oneself lets tools do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.oauth import clients
from portal.oauth.forms import ClientForm
from portal.oauth.granting import grants_of, take_back
from portal.oauth.policies import check_manage
from portal.oauth.views import scope_lines
from portal.ui.forms import attempt

CRUMB = ("OAuth clients", "/oauth/clients/")
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def client_list(request: HttpRequest) -> HttpResponse:
    """All tools that may ask people to act for them."""
    rows = clients.clients_for(subject_of(request))
    return render(request, "portal/oauth/clients.html", {"crumbs": [(CRUMB[0], "")], "clients": rows})


@never_cache
@login_required
@form_methods
@fresh_only
def client_create(request: HttpRequest) -> HttpResponse:
    """Register a tool; its secret is in the one answer that made it, and kept nowhere."""
    subject = subject_of(request)
    check_manage(subject)
    form = ClientForm(request.POST or None)
    if form.is_valid():
        made = attempt(form, lambda: clients.create_client(subject=subject, **form.cleaned_data))
        if made:
            return _detail(request, made[0].pk, secret=made[1])
    values = {
        "crumbs": [CRUMB, ("New", "")], "form": form, "title": "New OAuth client", "verb": "Register the tool",
        "back": CRUMB[1], "intro": "A tool that signs people in through this portal, or acts for them in its API.",
    }  # fmt: skip
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)


@login_required
@require_safe
def client_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """A tool: what to tell it, what it may ask for, who uses it."""
    return _detail(request, pk)


def _detail(request: HttpRequest, pk: str, *, secret: str = "") -> HttpResponse:
    client = clients.client_for(subject_of(request), pk)
    values = {
        "crumbs": [CRUMB, (client.name, "")], "client": client, "secret": secret, "issuer": settings.BASE_URL,
        "asked": scope_lines(client.get_scopes()), "flows": client.get_grant_types(), "device": clients.DEVICE,
        "is_public": client.type == client.Type.PUBLIC,
    }  # fmt: skip
    return render(request, "portal/oauth/client.html", values)


@login_required
@form_methods
@fresh_only
def client_change(request: HttpRequest, pk: str) -> HttpResponse:
    """Change a tool."""
    subject = subject_of(request)
    client = clients.client_for(subject, pk)
    form = ClientForm(request.POST or None, client=client)
    if form.is_valid() and attempt(
        form, lambda: clients.update_client(subject=subject, client=client, **form.cleaned_data)
    ):
        messages.success(request, "Saved.")
        return redirect("oauth:detail", pk=pk)
    values = {
        "crumbs": [CRUMB, (client.name, f"{CRUMB[1]}{pk}/"), ("Change", "")], "form": form, "verb": "Save",
        "title": f"Change {client.name}", "back": f"{CRUMB[1]}{pk}/",
    }  # fmt: skip
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)


@never_cache
@login_required
@require_POST
@fresh_only
def client_secret(request: HttpRequest, pk: str) -> HttpResponse:
    """A new secret."""
    subject = subject_of(request)
    client = clients.client_for(subject, pk)
    return _detail(request, pk, secret=clients.renew_secret(subject=subject, client=client))


@login_required
@require_POST
@fresh_only
def client_delete(request: HttpRequest, pk: str) -> HttpResponse:
    """Delete a tool with all that people let it do."""
    subject = subject_of(request)
    client = clients.client_for(subject, pk)
    clients.delete_client(subject=subject, client=client)
    messages.success(request, f"“{client.name}” is gone, and nothing acts through it any more.")
    return redirect("oauth:list")


@login_required
@require_safe
def grant_list(request: HttpRequest) -> HttpResponse:
    """What oneself lets tools do."""
    rows = [{"row": row, "asked": scope_lines(row.scopes)} for row in grants_of(subject_of(request))]
    return render(request, "portal/oauth/grants.html", {"crumbs": [("Tools that act for you", "")], "grants": rows})


@login_required
@require_POST
def grant_take_back(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End what a tool may do."""
    grant = take_back(subject=subject_of(request), uid=uid)
    messages.success(request, f"{grant.client.name or grant.client_id} no longer acts for you.")
    return redirect("oauth:grants")
