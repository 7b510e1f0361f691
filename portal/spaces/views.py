"""Pages of spaces: the tree, one space with what lives there and who may do what, roles in words."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import fresh_only, require_fresh
from portal.accounts.subjects import Subject
from portal.lib.errors import Conflict, Forbidden, NotFound
from portal.spaces import access
from portal.spaces.bindings import bind_role, unbind_role
from portal.spaces.forms import BindForm, SpaceChangeForm, SpaceForm
from portal.spaces.models import Binding, Space
from portal.spaces.permissions import ADMIN, Permission
from portal.spaces.querysets import bare_above, labelled, path_of, rights_in, space_nodes, subject_named, subjects_like
from portal.spaces.services import create_space, delete_space, update_space
from portal.ui.forms import attempt
from portal.ui.panels import shown_panels

CRUMB = ("Spaces", "/spaces/")
MAY_NOT_CREATE = "You may not create spaces. Ask an admin of the space above it."
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def get_space_for(subject: Subject, slug: str, permission: str = Permission.SPACE_READ) -> Space:
    """The space ``slug`` with the right to it."""
    return access.get_for(subject, Space.objects.select_related("parent"), permission, slug=slug)


def reason_against(subject: Subject, permission: str, space: Space) -> str:
    """Why ``subject`` may not do ``permission`` in ``space``; empty where it may."""
    return "" if access.may_in(subject, permission, space) else access.refusal(permission, space)


def _crumbs(subject: Subject, space: Space, last: str = "") -> list[tuple[str, str]]:
    # Above a branch that is all one sees, there are bare names.
    path = [
        (found.name, reverse("spaces:detail", args=[found.slug]) if is_visible else "")
        for found, is_visible in path_of(subject, space)
    ]
    return [CRUMB, *path, (last, "")] if last else [CRUMB, *path[:-1], (space.name, "")]


@login_required
@require_safe
def space_list(request: HttpRequest) -> HttpResponse:
    """The part of the tree that the subject sees."""
    subject = subject_of(request)
    label = request.GET.get("label", "").strip()
    spaces = list(labelled(access.visible_to(subject, Space.objects.order_by("name")), label))
    may_create = bool(access.reach(subject, Permission.SPACE_CREATE))
    values = {
        "crumbs": [("Spaces", "")], "nodes": space_nodes(spaces, bare=bare_above(spaces)), "total": len(spaces),
        "label": label, "create_refusal": "" if may_create else MAY_NOT_CREATE,
    }  # fmt: skip
    return render(request, "portal/spaces/space_list.html", values)


@login_required
@require_safe
def space_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One space."""
    return _detail(request, get_space_for(subject_of(request), slug))


def _detail(request: HttpRequest, space: Space, form: BindForm | None = None) -> HttpResponse:
    subject = subject_of(request)
    children = access.visible_to(
        subject, Space.objects.filter(links_up__ancestor=space).exclude(pk=space.pk).order_by("name")
    )
    refusals = {
        "create": reason_against(subject, Permission.SPACE_CREATE, space),
        "change": reason_against(subject, Permission.SPACE_UPDATE, space),
        "move": _move_refusal(subject, space),
        "delete": _delete_refusal(subject, space),
        "bind": reason_against(subject, Permission.BINDING_MANAGE, space),
    }
    values = {
        "crumbs": _crumbs(subject, space), "space": space, "nodes": space_nodes(children), "refusals": refusals,
        "rights": rights_in(subject, space), "panels": shown_panels(request, "space_card", space),
        "form": form or (None if refusals["bind"] else BindForm(subject=subject, space=space)),
        "is_parent_visible": space.parent is not None and access.can(subject, Permission.SPACE_READ, space.parent),
    }  # fmt: skip
    return render(request, "portal/spaces/space.html", values, status=422 if form and form.errors else 200)


def _move_refusal(subject: Subject, space: Space) -> str:
    if space.is_root:
        return "The root space stays: everything hangs from it."
    return reason_against(subject, Permission.SPACE_UPDATE, space)


def _delete_refusal(subject: Subject, space: Space) -> str:
    if space.is_root:
        return "The root space stays: everything hangs from it."
    return reason_against(subject, Permission.SPACE_DELETE, space)


@login_required
@form_methods
def space_create(request: HttpRequest) -> HttpResponse:
    """Make a space below another."""
    subject = subject_of(request)
    if not access.reach(subject, Permission.SPACE_CREATE):
        raise Forbidden(MAY_NOT_CREATE)
    parent = request.GET.get("parent", "")
    form = SpaceForm(request.POST or None, subject=subject, initial={"parent": parent, "is_inheriting": True})
    if form.is_valid():
        space = attempt(form, lambda: create_space(subject=subject, **form.cleaned_data))
        if space:
            messages.success(request, f"“{space.name}” is there. Give people and groups their roles next.")
            return redirect("spaces:detail", space.slug)
    intro = "Everything lives in one space; roles given in a space hold there and in everything below it."
    return _form_page(request, form, "New space", "Make the space", [CRUMB, ("New space", "")], intro)


@login_required
@form_methods
def space_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change name, description and inheritance."""
    subject = subject_of(request)
    space = get_space_for(subject, slug, Permission.SPACE_UPDATE)
    initial: dict[str, Any] = {
        "name": space.name, "description": space.description, "is_inheriting": space.is_inheriting,
        "labels": ", ".join(space.labels),
    }  # fmt: skip
    form = SpaceChangeForm(request.POST or None, subject=subject, space=space, initial=initial)
    if form.is_valid():
        saved = attempt(form, lambda: update_space(subject=subject, space=space, **form.cleaned_data))
        if saved:
            messages.success(request, "Saved.")
            return redirect("spaces:detail", space.slug)
    return _form_page(request, form, f"Change {initial['name']}", "Save", _crumbs(subject, space, "Change"))


@login_required
@require_POST
@fresh_only
def space_delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete an empty space."""
    subject = subject_of(request)
    space = get_space_for(subject, slug, Permission.SPACE_DELETE)
    try:
        delete_space(subject=subject, space=space)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect("spaces:detail", slug)
    messages.success(request, f"“{space.name}” is gone.")
    return redirect("spaces:list")


@login_required
@require_POST
def bind(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a role."""
    subject = subject_of(request)
    space = get_space_for(subject, slug, Permission.BINDING_MANAGE)
    form = BindForm(request.POST, subject=subject, space=space)
    if form.is_valid():
        role = form.cleaned_data["role"]
        if space.is_root and role.slug == ADMIN:
            require_fresh(request)
        until = form.end_of_role()
        made: Any = attempt(
            form,
            lambda: bind_role(
                subject=subject,
                space=space,
                role=role,
                expires_at=until,
                **subject_named(form.cleaned_data["who"]),  # type: ignore[arg-type]
            ),
        )
        if made:
            messages.success(request, f"{made.user or made.group} has the role {role} here now.")
            return redirect(f"{reverse('spaces:detail', args=[slug])}#rights")
    return _detail(request, space, form)


@login_required
@require_POST
def unbind(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Take a role away."""
    subject = subject_of(request)
    space = get_space_for(subject, slug, Permission.BINDING_MANAGE)
    binding = (
        Binding.objects.filter(space=space, uid=uid).select_related("space", "role", "user", "group", "token").first()
    )
    if binding is None:
        raise NotFound("There is no such role to take away; somebody may have done it before you.")
    try:
        unbind_role(subject=subject, binding=binding)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"{binding.bound} no longer has the role {binding.role} here.")
    return redirect(f"{reverse('spaces:detail', args=[slug])}#rights")


@login_required
@require_safe
def subject_options(request: HttpRequest, slug: str) -> HttpResponse:
    """People and groups for the field of the binding form, as options of its list."""
    get_space_for(subject_of(request), slug, Permission.BINDING_MANAGE)
    text = request.GET.get("who", "").replace("\x00", "").strip()
    return render(request, "portal/spaces/_subject_options.html", {"found": subjects_like(text) if text else []})


def _form_page(
    request: HttpRequest, form: Any, title: str, verb: str, crumbs: list[tuple[str, str]], intro: str = ""
) -> HttpResponse:
    values = {"crumbs": crumbs, "form": form, "title": title, "verb": verb, "back": crumbs[-2][1], "intro": intro}
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)
