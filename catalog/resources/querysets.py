"""Named reads of resources, each by the rights of who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.utils import timezone

from catalog.resources.models import Health, Resource
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import SpaceLink
from portal.ui.components.states import tone_of

# Nobody has looked at a resource for so long that its health says little.
STALE_AFTER = timedelta(days=30)
FACETS = {
    "stack": "stack_slug",
    "type": "type",
    "provider": "provider",
    "health": "shown_health",
    "space": "space__slug",
}
SORTS = {"name": "name", "type": "type", "stack": "stack_slug", "updated": "updated_at"}


def resources_for(subject: Subject) -> QuerySet[Resource]:
    """The resources that ``subject`` may see."""
    return access.visible_to(subject, Resource.objects.select_related("space"))


def with_health(resources: QuerySet[Resource]) -> QuerySet[Resource]:
    """Resources with ``shown_health``: stale where it is old, else what was recorded."""
    is_old = Q(checked_at__lt=timezone.now() - STALE_AFTER, health=Health.OK)
    shown = Case(When(is_old, then=Value(Health.STALE.value)), default=F("health"), output_field=CharField())
    return resources.annotate(shown_health=shown)


def filtered(resources: QuerySet[Resource], asked: Mapping[str, Any]) -> QuerySet[Resource]:
    """``resources`` (with health) narrowed by text ``q``, ``entity``, and lists under the names of ``FACETS``."""
    if text := asked.get("q"):
        names = ("address", "name", "type", "stack_name")
        resources = resources.filter(reduce(or_, (Q(**{f"{name}__icontains": text}) for name in names)))
    if asked.get("entity"):
        resources = resources.filter(entity_ref=asked["entity"])
    for name, path in FACETS.items():
        if wanted := [value for value in asked.get(name) or [] if value]:
            resources = resources.filter(_below(wanted) if name == "space" else Q(**{f"{path}__in": wanted}))
    return resources


def _below(slugs: Iterable[str]) -> Q:
    """What lives in these spaces and in those below them."""
    return Q(space_id__in=SpaceLink.objects.filter(ancestor__slug__in=slugs).values("descendant_id"))


def counts_of(resources: QuerySet[Resource], asked: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    """How many resources each value of one facet has, under all the other filters; the most frequent first."""
    others = {key: value for key, value in asked.items() if key != name}
    path = FACETS[name]
    rows = filtered(resources, others).order_by().values(path).annotate(number=Count("pk")).order_by("-number", path)
    return [(row[path], row["number"]) for row in rows[:100]]


def health_parts(counts: Mapping[str, int], list_url: str = "") -> list[dict[str, Any]]:
    """Counts by health as parts of a bar, each with the address of the list of those resources."""
    return [
        {"label": label, "value": counts[value], "tone": tone_of(value), "href": f"{list_url}?health={value}"}
        for value, label in Health.choices
        if counts.get(value)
    ]
