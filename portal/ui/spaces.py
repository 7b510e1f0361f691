"""The space that somebody picked in the header: lists show what lives there and below it, until another is picked.

``?space=<slug>`` picks (an empty value picks none); a cookie remembers. Rights do not depend on it.
"""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.spaces.models import Space, SpaceLink

COOKIE = "space"
M = TypeVar("M", bound=models.Model)
_UNKNOWN = object()


def picked_slug(request: HttpRequest) -> str:
    """The slug in the address, else in the cookie, else nothing."""
    return request.GET["space"] if "space" in request.GET else request.COOKIES.get(COOKIE, "")


def chosen_space(request: HttpRequest) -> Space | None:
    """The picked space if the subject may see it; found once per request."""
    memo = subject_of(request).memo
    found = memo.get("chosen_space", _UNKNOWN)
    if found is _UNKNOWN:
        slug = picked_slug(request)
        found = access.visible_to(subject_of(request), Space.objects.filter(slug=slug)).first() if slug else None
        memo["chosen_space"] = found
    return found if isinstance(found, Space) else None


def narrow(request: HttpRequest, queryset: QuerySet[M], path: str = "space_id") -> QuerySet[M]:
    """Rows of the picked space and the spaces below it; all rows where none, or root, is picked."""
    space = chosen_space(request)
    if space is None or space.is_root:
        return queryset
    below = SpaceLink.objects.filter(ancestor=space).values("descendant_id")
    return queryset.filter(**{f"{path}__in": below})


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Keep a pick that came with the address."""
    if request.method != "GET" or "space" not in request.GET or request.path.startswith("/api/"):
        return
    slug = request.GET["space"]
    if slug:
        response.set_cookie(
            COOKIE, slug[:63], max_age=180 * 86_400, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
