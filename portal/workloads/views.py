"""Pages of trusts: which jobs of CI systems come in, and what they may do here."""

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
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.permissions import Permission
from portal.ui.forms import attempt
from portal.ui.spaces import narrow
from portal.workloads import acting, services
from portal.workloads.forms import TrustCreateForm, TrustForm, TrustRoleForm
from portal.workloads.models import Trust
from portal.workloads.snippets import snippets_for

CRUMB = ("CI workloads", "/workload-trusts/")
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def trust_list(request: HttpRequest) -> HttpResponse:
    """The trusts that somebody manages."""
    subject = subject_of(request)
    rows = access.visible_to(subject, Trust.objects.select_related("space"))
    may_add = bool(access.reach(subject, Permission.BINDING_MANAGE))
    refusal = "" if may_add else "You may add one where you give roles, which is nowhere yet."
    values = {"crumbs": [("CI workloads", "")], "trusts": narrow(request, rows), "refusal": refusal}
    return render(request, "portal/workloads/trusts.html", values)


@login_required
@form_methods
@fresh_only
def trust_create(request: HttpRequest) -> HttpResponse:
    """Add a trust in a space where one gives roles."""
    subject = subject_of(request)
    spaces = access.spaces_with(subject, Permission.BINDING_MANAGE).order_by("name")
    if not access.reach(subject, Permission.BINDING_MANAGE):
        raise Forbidden("You may add a trust where you give roles, which is nowhere yet.")
    form = TrustCreateForm(request.POST or None, spaces=spaces)
    if form.is_valid():
        made = attempt(form, lambda: services.create_trust(subject=subject, **form.cleaned_data))
        if made:
            messages.success(request, f"“{made.name}” is there. Give its jobs a role next.")
            return redirect("workloads:detail", made.uid)
    return _form_page(request, form, "New trust", "Add the trust", [("New", "")])


@login_required
@require_safe
def trust_detail(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A trust: whom it believes, what its jobs may do, and how they ask."""
    subject = subject_of(request)
    trust = services.get_trust_for(subject, uid)
    spaces = access.spaces_with(subject, Permission.BINDING_MANAGE).order_by("name")
    values = {
        "crumbs": [CRUMB, (trust.name, "")], "trust": trust, "roles": acting.roles_of_trust(subject, trust),
        "role_form": TrustRoleForm(spaces=spaces), "snippets": snippets_for(trust),
    }  # fmt: skip
    return render(request, "portal/workloads/trust.html", values)


@login_required
@form_methods
@fresh_only
def trust_change(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change a trust."""
    subject = subject_of(request)
    trust = services.get_trust_for(subject, uid)
    form = TrustForm(request.POST or None, initial=TrustForm.initial_of(trust))
    title, crumbs = f"Change {trust.name}", [(trust.name, reverse("workloads:detail", args=[uid])), ("Change", "")]
    if form.is_valid():
        saved = attempt(form, lambda: services.update_trust(subject=subject, trust=trust, **form.cleaned_data))
        if saved:
            messages.success(request, "Saved.")
            return redirect("workloads:detail", uid)
    return _form_page(request, form, title, "Save", crumbs)


@login_required
@require_POST
@fresh_only
def trust_switch(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Switch a trust on or off; off ends its tokens at once."""
    subject = subject_of(request)
    trust = services.get_trust_for(subject, uid)
    is_on = request.POST.get("enabled") == "1"
    services.update_trust(subject=subject, trust=trust, is_enabled=is_on)
    words = "Jobs get tokens again." if is_on else "Jobs get no more tokens, and those that they have are over."
    messages.success(request, words)
    return redirect("workloads:detail", uid)


@login_required
@require_POST
@fresh_only
def trust_delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Delete a trust with its roles and tokens."""
    subject = subject_of(request)
    trust = services.get_trust_for(subject, uid)
    services.delete_trust(subject=subject, trust=trust)
    messages.success(request, f"“{trust.name}” is gone, and so are the roles and tokens of its jobs.")
    return redirect("workloads:list")


@login_required
@require_POST
@fresh_only
def role_give(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Let jobs of the trust have a role in a space."""
    subject = subject_of(request)
    trust = services.get_trust_for(subject, uid)
    form = TrustRoleForm(request.POST, spaces=access.spaces_with(subject, Permission.BINDING_MANAGE))
    if not form.is_valid():
        messages.error(request, "Choose a role, and a space where you give roles.")
        return redirect("workloads:detail", uid)
    try:
        made = acting.give_role(subject=subject, trust=trust, **form.cleaned_data)
    except (Forbidden, Invalid, NotFound) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"Jobs of “{trust}” are {made.role} in “{made.space}” from now on.")
    return redirect("workloads:detail", uid)


def _form_page(
    request: HttpRequest, form: TrustForm, title: str, verb: str, crumbs: list[tuple[str, str]]
) -> HttpResponse:
    values = {
        "crumbs": [CRUMB, *crumbs], "form": form, "title": title, "verb": verb, "back": [CRUMB, *crumbs][-2][1],
    }  # fmt: skip
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)
