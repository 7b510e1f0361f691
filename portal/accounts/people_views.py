"""Pages of people and groups."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.forms import GroupForm, PasswordForm, PersonChangeForm, PersonForm, group_initial
from portal.accounts.middleware import subject_of
from portal.accounts.models import User
from portal.accounts.stepping_up import fresh_only
from portal.lib.errors import Conflict, NotFound
from portal.spaces import people
from portal.spaces.permissions import Permission
from portal.ui.forms import attempt
from portal.ui.panels import shown_panels

PAGE = 50
CRUMB = ("People", "/people/")
GROUPS_CRUMB = ("Groups", "/people/groups/")
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def refusal(request: HttpRequest, permission: str = Permission.USER_MANAGE) -> str:
    """Why the buttons of these pages are disabled for this subject; empty where they are not."""
    may = people.may_manage(subject_of(request), permission)
    return "" if may else "People and groups are managed by admins of the root space."


def _person(request: HttpRequest, username: str) -> User:
    user = people.users_for(subject_of(request)).filter(username=username).first()
    if user is None:
        raise NotFound(f"There is nobody called “{username}”.")
    return user


def _group(request: HttpRequest, pk: int) -> Group:
    group = people.groups_for(subject_of(request)).filter(pk=pk).first()
    if group is None:
        raise NotFound("There is no such group.")
    return group


@login_required
@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    """Everybody, with a text filter and the state."""
    users = people.users_for(subject_of(request))
    if text := request.GET.get("q", "").replace("\x00", "").strip():
        users = users.filter(Q(username__icontains=text) | Q(display_name__icontains=text) | Q(email__icontains=text))
    state = request.GET.get("state", "")
    if state in {"active", "suspended"}:
        users = users.filter(is_active=state == "active")
    page = Paginator(users, PAGE).get_page(request.GET.get("page"))
    states = [{"value": "active", "label": "Active"}, {"value": "suspended", "label": "Suspended"}]
    values = {"crumbs": [("People", "")], "page": page, "states": states, "refusal": refusal(request)}
    return render(request, "portal/accounts/people.html", values)


@login_required
@form_methods
def person_create(request: HttpRequest) -> HttpResponse:
    """Make a local account."""
    subject = subject_of(request)
    people.check_manage(subject)
    form = PersonForm(request.POST or None)
    if form.is_valid():
        user = attempt(form, lambda: people.create_user(subject=subject, **form.cleaned_data))
        if user:
            messages.success(request, f"{user} can sign in now. Give them a role in a space next.")
            return redirect("people:person", username=user.username)
    return _form_page(request, form, "New person", "Make the account", [CRUMB, ("New person", "")])


@login_required
@require_safe
def person_detail(request: HttpRequest, username: str) -> HttpResponse:
    """Who somebody is, where their rights come from, and what admins can change."""
    user = _person(request, username)
    subject = subject_of(request)
    bindings = people.bindings_for(subject).filter(user=user).order_by("space__name")
    grouped = [(group, group.bindings.all()) for group in people.groups_for(subject).filter(user=user)]
    values = {
        "crumbs": [CRUMB, (str(user), "")], "person": user, "bindings": bindings, "grouped": grouped,
        "refusal": refusal(request), "sso": user.socialaccount_set.all() if hasattr(user, "socialaccount_set") else [],
        "is_self": user == subject.user,
        "live_tokens": [token for token in user.api_tokens.all() if token.is_active],
        "cards": shown_panels(request, "person_card", user),
    }  # fmt: skip
    return render(request, "portal/accounts/person.html", values)


@login_required
@form_methods
def person_change(request: HttpRequest, username: str) -> HttpResponse:
    """Change name and e-mail."""
    subject, user = subject_of(request), _person(request, username)
    people.check_manage(subject)
    form = PersonChangeForm(request.POST or None, initial={"display_name": user.display_name, "email": user.email})
    if form.is_valid():
        saved = attempt(form, lambda: people.update_user(subject=subject, user=user, **form.cleaned_data))
        if saved:
            messages.success(request, "Saved.")
            return redirect("people:person", username=user.username)
    return _form_page(request, form, f"Change {user}", "Save", [CRUMB, (str(user), _url(user)), ("Change", "")])


@login_required
@form_methods
@fresh_only
def person_password(request: HttpRequest, username: str) -> HttpResponse:
    """Give a local account a new password."""
    subject, user = subject_of(request), _person(request, username)
    people.check_manage(subject)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        attempt(form, lambda: people.reset_password(subject=subject, user=user, password=form.cleaned_data["password"]))
        if not form.errors:
            messages.success(request, f"{user} has a new password and is signed out everywhere.")
            return redirect("people:person", username=user.username)
    crumbs = [CRUMB, (str(user), _url(user)), ("New password", "")]
    return _form_page(request, form, f"New password for {user}", "Set the password", crumbs)


@login_required
@require_POST
def person_state(request: HttpRequest, username: str) -> HttpResponse:
    """Suspend or restore somebody."""
    subject, user = subject_of(request), _person(request, username)
    is_active = request.POST.get("state") == "active"
    try:
        people.set_user_active(subject=subject, user=user, is_active=is_active)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"{user} may sign in again." if is_active else f"{user} is suspended and signed out.")
    return redirect("people:person", username=user.username)


@login_required
@require_safe
def group_list(request: HttpRequest) -> HttpResponse:
    """All groups."""
    groups = people.groups_for(subject_of(request))
    if text := request.GET.get("q", "").replace("\x00", "").strip():
        groups = groups.filter(name__icontains=text)
    page = Paginator(groups, PAGE).get_page(request.GET.get("page"))
    values = {"crumbs": [CRUMB, ("Groups", "")], "page": page, "refusal": refusal(request), "prefix": people.SSO_PREFIX}
    return render(request, "portal/accounts/groups.html", values)


@login_required
@form_methods
def group_create(request: HttpRequest) -> HttpResponse:
    """Make a group."""
    subject = subject_of(request)
    people.check_manage(subject, Permission.GROUP_MANAGE)
    form = GroupForm(request.POST or None)
    if form.is_valid():
        group = attempt(form, lambda: people.create_group(subject=subject, **form.cleaned_data))
        if group:
            messages.success(request, f"“{group.name}” is there. Give it a role in a space next.")
            return redirect("people:group", pk=group.pk)
    return _form_page(request, form, "New group", "Make the group", [CRUMB, GROUPS_CRUMB, ("New group", "")])


@login_required
@require_safe
def group_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in a group and which roles it gives."""
    group = _group(request, pk)
    is_sso = group.name.startswith(people.OUTSIDE_PREFIXES)
    values = {
        "crumbs": [CRUMB, GROUPS_CRUMB, (group.name, "")], "group": group, "is_sso": is_sso,
        "refusal": refusal(request),
        "members": group.user_set.order_by("username"),
        "bindings": group.bindings.all(),
        "inner": Group.objects.filter(parent_edges__parent=group).order_by("name"),
        "outer": Group.objects.filter(child_edges__child=group).order_by("name"),
        "further": people.members_below(group),
        "cards": shown_panels(request, "group_card", group),
        "change_refusal": refusal(request) or ("Its members follow the single sign-on provider." if is_sso else ""),
    }  # fmt: skip
    return render(request, "portal/accounts/group.html", values)


@login_required
@form_methods
def group_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a group and set its members."""
    subject, group = subject_of(request), _group(request, pk)
    people.check_manage(subject, Permission.GROUP_MANAGE)
    form = GroupForm(request.POST or None, initial=group_initial(group))
    if form.is_valid():
        saved = attempt(form, lambda: people.update_group(subject=subject, group=group, **form.cleaned_data))
        if saved:
            messages.success(request, "Saved.")
            return redirect("people:group", pk=group.pk)
    crumbs = [CRUMB, GROUPS_CRUMB, (group.name, f"/people/groups/{group.pk}/"), ("Change", "")]
    return _form_page(request, form, f"Change {group.name}", "Save", crumbs)


@login_required
@require_POST
def group_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a group."""
    group = _group(request, pk)
    try:
        people.delete_group(subject=subject_of(request), group=group)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect("people:group", pk=pk)
    messages.success(request, f"“{group.name}” is gone, and with it the roles that it gave.")
    return redirect("people:groups")


def _url(user: User) -> str:
    return f"/people/users/{user.username}/"


def _form_page(request: HttpRequest, form: Any, title: str, verb: str, crumbs: list[tuple[str, str]]) -> HttpResponse:
    values = {"crumbs": crumbs, "form": form, "title": title, "verb": verb, "back": crumbs[-2][1]}
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)
