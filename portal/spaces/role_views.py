"""Pages of composed roles: make, change and delete them from the list of all permissions in words."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only
from portal.lib.errors import Conflict, Forbidden
from portal.spaces import access
from portal.spaces.models import Binding, Role, slug_validator
from portal.spaces.permissions import catalogue
from portal.spaces.roles import create_role, delete_role, may_manage_roles, permissions_by_subject, update_role
from portal.ui.forms import attempt

CRUMBS = [("Spaces", "/spaces/"), ("Roles", "/spaces/-/roles/")]
MAY_NOT = "Roles hold in every space, so they are made and changed by admins of the root space."
form_methods = require_http_methods(["GET", "HEAD", "POST"])


class RoleForm(forms.Form):
    """A composed role."""

    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"data-slug-to": "id_slug"}))
    slug = forms.CharField(
        max_length=63, validators=[slug_validator], label="Short name",
        help_text="For the API; it stays. Lower-case letters, digits and hyphens.",
    )  # fmt: skip
    description = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Whom it is meant for."
    )
    permissions = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, required=False, label="Whoever has the role may",
        help_text="Seeing the space itself always belongs to it.",
    )  # fmt: skip

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["permissions"])
        field.choices = [(row.name, row.words) for row in catalogue()]
        if not is_new:
            del self.fields["slug"]


def role_refusal(request: HttpRequest) -> str:
    """Why the visitor may not make or change roles; empty where they may."""
    return "" if may_manage_roles(subject_of(request)) else MAY_NOT


@login_required
@require_safe
def role_list(request: HttpRequest) -> HttpResponse:
    """What each role may, in words."""
    roles = list(Role.objects.all())
    rows = [(row, [row.name in role.permissions for role in roles]) for row in catalogue()]
    values = {
        "crumbs": [CRUMBS[0], ("Roles", "")], "roles": roles, "rows": rows, "refusal": role_refusal(request),
    }  # fmt: skip
    return render(request, "portal/spaces/role_list.html", values)


@login_required
@require_safe
def role_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One role: what it allows, and who has it in the spaces that the visitor sees."""
    role = get_object_or_404(Role, slug=slug)
    subject = subject_of(request)
    held = access.visible_to(subject, Binding.objects.live().filter(role=role, token=None))
    values = {
        "crumbs": [*CRUMBS, (role.name, "")], "role": role,
        "rows": [row for row in catalogue() if row.name in role.permissions],
        "bindings": held.select_related("space", "user", "group", "workload").order_by("space__name", "pk")[:200],
        "refusal": role_refusal(request) or ("It is a role of the system." if role.is_system else ""),
    }  # fmt: skip
    return render(request, "portal/spaces/role.html", values)


@login_required
@form_methods
@fresh_only
def role_create(request: HttpRequest) -> HttpResponse:
    """Compose a role."""
    _check(request)
    subject = subject_of(request)
    form = RoleForm(request.POST or None)
    if form.is_valid():
        made = attempt(form, lambda: create_role(subject=subject, **form.cleaned_data))
        if made:
            messages.success(request, f"“{made.name}” is there. Give it to people in a space next.")
            return redirect("spaces:role", made.slug)
    return _form_page(request, form, "New role", "Make the role", reverse("spaces:roles"))


@login_required
@form_methods
@fresh_only
def role_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a composed role."""
    _check(request)
    subject = subject_of(request)
    role = get_object_or_404(Role, slug=slug)
    initial = {"name": role.name, "description": role.description, "permissions": role.permissions}
    form = RoleForm(request.POST or None, initial=initial, is_new=False)
    changed = (
        attempt(form, lambda: update_role(subject=subject, role=role, **form.cleaned_data)) if form.is_valid() else None
    )
    if changed is not None:
        messages.success(request, "Saved. It holds from everybody's next request.")
        return redirect("spaces:role", slug)
    return _form_page(request, form, f"Change {initial['name']}", "Save", reverse("spaces:role", args=[slug]))


@login_required
@require_POST
@fresh_only
def role_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a composed role that nobody has."""
    _check(request)
    role = get_object_or_404(Role, slug=slug)
    try:
        delete_role(subject=subject_of(request), role=role)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect("spaces:role", slug)
    messages.success(request, f"“{role.name}” is gone.")
    return redirect("spaces:roles")


def _check(request: HttpRequest) -> None:
    if refusal := role_refusal(request):
        raise Forbidden(refusal)


def _form_page(request: HttpRequest, form: RoleForm, title: str, verb: str, back: str) -> HttpResponse:
    chosen = form["permissions"].value() or []
    groups = [
        (about, [(name, words, name in chosen) for name, words in rows]) for about, rows in permissions_by_subject()
    ]
    values = {
        "crumbs": [*CRUMBS, (title, "")], "form": form, "groups": groups, "title": title, "verb": verb, "back": back,
    }  # fmt: skip
    return render(request, "portal/spaces/role_form.html", values, status=422 if form.errors else 200)
