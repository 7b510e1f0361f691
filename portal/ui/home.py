"""The first page: what is mine, what waits for me, what I did last. Upper packages hang their cards into it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.audit.models import AuditEvent
from portal.spaces import access
from portal.spaces.models import ROOT_SLUG, Binding, Space
from portal.spaces.permissions import Permission
from portal.ui.panels import shown_panels


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Cards of every package; newcomers without any role are told whom to ask."""
    subject = subject_of(request)
    if not access.roles_of(subject):
        return render(request, "portal/ui/newcomer.html", {"crumbs": [("Home", "")], "admins": root_admins()})
    values = {
        "crumbs": [("Home", "")],
        "greeting": f"Hello, {str(subject.user).split()[0]}",
        "cards": shown_panels(request, "home_card", subject),
        "bindings": own_bindings(subject),
        "recent": own_events(subject)[:8],
    }
    return render(request, "portal/ui/home.html", values)


def own_events(subject: Subject) -> QuerySet[AuditEvent]:
    """What the person changed, newest first; coming and going is not work."""
    return AuditEvent.objects.filter(actor=subject.user).exclude(action__startswith="session.").order_by("-pk")


def own_bindings(subject: Subject) -> QuerySet[Binding]:
    """The roles of a person, their own and those of their groups."""
    owned = Binding.objects.filter(Q(user=subject.user) | Q(group__in=subject.group_ids))
    return owned.select_related("role", "space", "group").order_by("role__rank", "space__name")[:12]


def root_admins() -> list[dict[str, Any]]:
    """Whom a newcomer may ask: people who give roles in the root space, with their mail addresses."""
    root = Space.objects.get(slug=ROOT_SLUG)
    people: dict[int, User] = {}
    for binding in access.who_may(Permission.BINDING_MANAGE, root):
        members = [binding.user] if binding.user else binding.group.user_set.all()[:5] if binding.group else []
        people |= {user.pk: user for user in members if user.is_active}
    return [{"user": user, "email": user.email} for user in list(people.values())[:5]]
