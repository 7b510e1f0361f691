"""What the shell of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.ui.registry import NavItem, nav_items


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation that fits the subject, who it is, and which theme it chose."""
    if not hasattr(request, "subject"):
        return {}
    subject = subject_of(request)
    theme = request.COOKIES.get("theme", "auto")
    return {
        "subject": subject,
        "navigation": [] if subject.is_anonymous else navigation(request),
        "theme": theme if theme in {"light", "dark"} else "auto",
    }


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Sections of entries, each with its address and whether it is the current one."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for item in nav_items():
        if item.permission and not access.reach(subject_of(request), item.permission):
            continue
        sections.setdefault(item.section, []).append(_entry(request, item))
    return [{"label": label, "entries": entries} for label, entries in sections.items()]


def _entry(request: HttpRequest, item: NavItem) -> dict[str, Any]:
    try:
        url = reverse(item.url_name)
    except NoReverseMatch as error:
        raise LookupError(f"navigation entry {item.label!r} names an unknown URL {item.url_name!r}") from error
    match = request.resolver_match
    here = bool(match and match.view_name and match.view_name.split(":")[0] == item.url_name.split(":")[0])
    return {
        "label": item.label,
        "url": url,
        "icon": item.icon,
        "is_current": here,
        "badge": item.badge(request) if item.badge else 0,
    }
