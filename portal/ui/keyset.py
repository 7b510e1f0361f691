"""Pages of an ever-growing list, newest first, without counting and without offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from portal.ui.components.lists import link_with

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """Some rows, and the addresses of newer and older ones (empty where there are none)."""

    rows: list[M]
    newer: str
    older: str


def keyset_page(request: HttpRequest, queryset: QuerySet[M], size: int = 50) -> KeysetPage[M]:
    """The rows that ``?before=<pk>`` or ``?after=<pk>`` ask for; the newest where neither does."""
    before, after = _key(request, "before"), _key(request, "after")
    if after is not None:
        found = list(queryset.filter(pk__gt=after).order_by("pk")[: size + 1])
        has_newer, has_older = len(found) > size, True
        rows = list(reversed(found[:size]))
    else:
        older_than: dict[str, Any] = {"pk__lt": before} if before is not None else {}
        found = list(queryset.filter(**older_than).order_by("-pk")[: size + 1])
        has_newer, has_older = before is not None, len(found) > size
        rows = found[:size]
    newer = link_with(request, after=rows[0].pk, before=None) if rows and has_newer else ""
    older = link_with(request, before=rows[-1].pk, after=None) if rows and has_older else ""
    return KeysetPage(rows, newer, older)


def _key(request: HttpRequest, name: str) -> int | None:
    raw = request.GET.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None
