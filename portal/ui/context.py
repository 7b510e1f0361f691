"""What the shell of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.ui.registry import NavItem, nav_items
from portal.ui.spaces import chosen_space

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation that fits the subject, who it is, which theme it chose and which space it picked."""
    theme = request.COOKIES.get("theme", "auto")
    values: dict[str, Any] = {"theme": theme if theme in THEMES else "auto", "navigation": []}
    if not hasattr(request, "subject"):
        return values
    subject = subject_of(request)
    if not subject.is_anonymous:
        values |= {"navigation": navigation(request), "chosen_space": chosen_space(request)}
    return values | {"subject": subject}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Sections of entries, each with its address and whether it is the current one."""
    subject = subject_of(request)
    items = [item for item in nav_items() if _is_for(subject, item)]
    addresses = {item: _address(item) for item in items}
    current = _current(request, addresses)
    sections: dict[str, list[dict[str, Any]]] = {}
    for item, url in addresses.items():
        entry = {"label": item.label, "url": url, "icon": item.icon, "is_current": item is current}
        sections.setdefault(item.section, []).append(entry | {"badge": item.badge(request) if item.badge else 0})
    return [{"label": label, "entries": entries} for label, entries in sections.items()]


def _is_for(subject: Subject, item: NavItem) -> bool:
    if not item.permission:
        return True
    where = access.reach(subject, item.permission)
    return where.everywhere if item.needs_root else bool(where)


def _address(item: NavItem) -> str:
    try:
        return reverse(item.url_name)
    except NoReverseMatch as error:
        raise LookupError(f"navigation entry {item.label!r} names an unknown URL {item.url_name!r}") from error


def _current(request: HttpRequest, addresses: dict[NavItem, str]) -> NavItem | None:
    """The entry whose address is the longest beginning of this page's, else one of the same URL namespace."""
    fitting = [
        item for item, url in addresses.items() if request.path == url or (url != "/" and request.path.startswith(url))
    ]
    if fitting:
        return max(fitting, key=lambda item: len(addresses[item]))
    match = request.resolver_match
    namespace = match.namespace if match else ""
    kin = (item for item in addresses if namespace and namespace != "ui" and item.url_name.startswith(f"{namespace}:"))
    return next(kin, None)
