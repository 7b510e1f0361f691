"""The gallery: blueprints in groups by type, narrowed by what the address asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from catalog.entities.models import Entity


@dataclass(frozen=True)
class Found:
    """Groups of (type, templates), how many there are in all, and how many of each type and tag."""

    groups: list[tuple[str, list[Entity]]]
    total: int
    types: Counter[str]
    tags: Counter[str]


def cards(templates: QuerySet[Entity], asked: QueryDict) -> Found:
    """The templates that ``q``, ``type`` and ``tag`` leave, grouped by type; counts are of all that may be seen."""
    rows = list(templates.values_list("type", "tags"))
    types = Counter(type_ or "other" for type_, _ in rows)
    tags = Counter(tag for _, tags in rows for tag in tags)
    if q := asked.get("q", "").strip():
        templates = templates.filter(Q(title__icontains=q) | Q(name__icontains=q) | Q(description__icontains=q))
    if wanted := asked.getlist("type"):
        templates = templates.filter(type__in=["" if value == "other" else value for value in wanted])
    if wanted := asked.getlist("tag"):
        templates = templates.filter(tags__overlap=wanted)
    groups: dict[str, list[Entity]] = {}
    for template in templates:
        groups.setdefault(template.type or "other", []).append(template)
    return Found(sorted(groups.items()), sum(map(len, groups.values())), types, tags)


def choices(counts: Counter[str], chosen: Sequence[str]) -> list[dict[str, Any]]:
    """Options of a facet, the most frequent first."""
    return [{"value": value, "count": count, "is_selected": value in chosen} for value, count in counts.most_common(40)]
