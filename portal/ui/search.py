"""One search over everything that packages can find, for the page and for the drop-down below the search box."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.ui.registry import SearchHit, SearchSource, search_sources

ON_PAGE, IN_DROP = 25, 5
MAX_LETTERS = 200


@dataclass(frozen=True)
class HitGroup:
    """What one source found."""

    source: SearchSource
    hits: list[SearchHit]


def find(request: HttpRequest, text: str, limit: int) -> list[HitGroup]:
    """Hits of every source that found something."""
    if not text:
        return []
    groups = [HitGroup(source, source.find(request, text, limit)) for source in search_sources()]
    return [group for group in groups if group.hits]


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:MAX_LETTERS]


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """The search page."""
    text = _text(request)
    groups = find(request, text, ON_PAGE)
    total = sum(len(group.hits) for group in groups)
    values = {"crumbs": [("Search", "")], "search_text": text, "groups": groups, "total": total, "limit": ON_PAGE}
    return render(request, "portal/ui/search.html", values)


@require_safe
@login_required
def search_hits(request: HttpRequest) -> HttpResponse:
    """The drop-down: a few hits of each source."""
    text = _text(request)
    return render(request, "portal/ui/_search_hits.html", {"search_text": text, "groups": find(request, text, IN_DROP)})
