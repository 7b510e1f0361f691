"""What the ground floor itself hangs into the shell: its navigation and what its search finds."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.middleware import subject_of
from portal.spaces import access, people
from portal.spaces.models import Space
from portal.spaces.permissions import Permission
from portal.spaces.requests import waiting_for
from portal.ui.registry import NavItem, SearchHit, SearchSource, add_nav, add_search_source

PLATFORM = "Platform"


def register() -> None:
    """Add the entries; called once when the apps are ready."""
    add_nav(NavItem("Home", "ui:home", "house", order=0))
    add_nav(
        NavItem("Spaces", "spaces:list", "folder-tree", PLATFORM, 800, Permission.SPACE_READ, badge=requests_waiting)
    )
    add_nav(NavItem("People", "people:list", "users", PLATFORM, 810, Permission.USER_MANAGE))
    add_nav(NavItem("Explain rights", "explain:tester", "circle-help", PLATFORM, 880, Permission.SPACE_READ))
    add_nav(NavItem("Audit", "audit:list", "scroll-text", PLATFORM, 890, Permission.AUDIT_READ))
    add_search_source(SearchSource("spaces", "Spaces", find_spaces, order=80))
    add_search_source(SearchSource("people", "People", find_people, order=90))


def requests_waiting(request: HttpRequest) -> int:
    """How many requests for access wait for the subject's answer."""
    subject = subject_of(request)
    return waiting_for(subject).count() if access.reach(subject, Permission.BINDING_MANAGE) else 0


def find_spaces(request: HttpRequest, text: str, limit: int) -> list[SearchHit]:
    """Visible spaces whose name or short name contains the text."""
    rows = Space.objects.filter(Q(name__icontains=text) | Q(slug__icontains=text)).order_by("name")
    found = access.visible_to(subject_of(request), rows)[:limit]
    return [
        SearchHit(row.name, reverse("spaces:detail", args=[row.slug]), "space", "folder", row.description)
        for row in found
    ]


def find_people(request: HttpRequest, text: str, limit: int) -> list[SearchHit]:
    """People by name, for those who may look them up."""
    subject = subject_of(request)
    if not access.reach(subject, Permission.USER_MANAGE):
        return []
    rows = people.users_for(subject).filter(Q(username__icontains=text) | Q(display_name__icontains=text))[:limit]
    return [
        SearchHit(str(row), reverse("people:person", args=[row.username]), "person", "user", row.username)
        for row in rows
    ]
