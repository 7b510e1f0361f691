"""Problems as people are told of them: with whom a conflict is, as far as they may see that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse

from catalog.entities.linking import entity_url, safe_address
from catalog.entities.querysets import visible_entities
from catalog.ingestion.keepers import PROVIDED, holder_of
from catalog.ingestion.models import Location, Problem, Reason
from portal.accounts.subjects import Subject
from portal.lib.errors import PortalError
from portal.lib.fetch import parse_source_url
from portal.spaces import access


@dataclass(frozen=True, slots=True)
class Other:
    """What a conflict is with: the entity that is there, and the location or provider that gives it."""

    ref: str
    url: str
    source: str = ""
    source_url: str = ""


def told_problems(subject: Subject, problems: Iterable[Problem]) -> list[Problem]:
    """The problems with ``place`` and ``place_url``, where each is, in short and for a browser.

    Those of taken names have ``other`` where the subject may see whose the name is.
    """
    rows = list(problems)
    refs = {row.ref for row in rows if row.reason == Reason.CONFLICT}
    found = visible_entities(subject).filter(ref__in=refs).select_related("location__space") if refs else ()
    others = {entity.ref: _other(subject, entity.ref, entity.location) for entity in found}
    for row in rows:
        row.other = others.get(row.ref)  # type: ignore[attr-defined]
        row.place, row.place_url = place_of(row)  # type: ignore[attr-defined]
    return rows


def place_of(problem: Problem) -> tuple[str, str]:
    """Where a problem is: repository and path, or which item of a set; and the file's address in a browser."""
    kind, _, target = problem.address.partition(":")
    if kind == PROVIDED:
        return (f"item {problem.document + 1}" if problem.document is not None else target), ""
    if kind != "url":
        return target or problem.address, ""
    try:
        source = parse_source_url(target)
    except PortalError:
        return target, ""
    name = urlsplit(source.repo_url).path.strip("/").removesuffix(".git")
    return (f"{name}/{source.path}".rstrip("/") if source.host and name else target), safe_address(target)


def _other(subject: Subject, ref: str, location: Location | None) -> Other:
    if location is None or not access.can(subject, "location:read", location):
        return Other(ref, entity_url(ref))
    if location.type == PROVIDED and (holder := holder_of(location)):
        return Other(ref, entity_url(ref), holder.name, holder.url)
    return Other(ref, entity_url(ref), location.target, reverse("catalog:location", args=[location.uid]))
