"""Problems as people are told of them: with whom a conflict is, as far as they may see that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from catalog.entities.linking import entity_url
from catalog.entities.querysets import visible_entities
from catalog.ingestion.keepers import PROVIDED, holder_of
from catalog.ingestion.models import Location, Problem, Reason
from portal.accounts.subjects import Subject
from portal.spaces import access


@dataclass(frozen=True, slots=True)
class Other:
    """What a conflict is with: the entity that is there, and the location or provider that gives it."""

    ref: str
    url: str
    source: str = ""
    source_url: str = ""


def told_problems(subject: Subject, problems: Iterable[Problem]) -> list[Problem]:
    """The problems, those of taken names with ``other`` where the subject may see whose the name is."""
    rows = list(problems)
    refs = {row.ref for row in rows if row.reason == Reason.CONFLICT}
    found = visible_entities(subject).filter(ref__in=refs).select_related("location__space") if refs else ()
    others = {entity.ref: _other(subject, entity.ref, entity.location) for entity in found}
    for row in rows:
        row.other = others.get(row.ref)  # type: ignore[attr-defined]
    return rows


def _other(subject: Subject, ref: str, location: Location | None) -> Other:
    if location is None or not access.can(subject, "location:read", location):
        return Other(ref, entity_url(ref))
    if location.type == PROVIDED and (holder := holder_of(location)):
        return Other(ref, entity_url(ref), holder.name, holder.url)
    return Other(ref, entity_url(ref), location.target, reverse("catalog:location", args=[location.uid]))
