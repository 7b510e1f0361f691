"""What the address of the catalog list asks, and what the list answers: rows, facets, chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from catalog.entities.about import WORDS
from catalog.entities.filters import AllOf, Filter, In
from catalog.entities.linking import short_ref, visible_labels
from catalog.entities.models import Entity
from catalog.entities.policies import Permission
from catalog.entities.querysets import condition, facets, visible_entities
from catalog.people.ownership import identity_refs
from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.ui.components.lists import link_with
from portal.ui.spaces import chosen_space, narrow

SORTS = {"name": "name_key", "kind": "kind_key", "type": "type", "owner": "owner_ref", "changed": "updated_at"}
MINE = "mine"
_MOST_OPTIONS = 40


@dataclass(frozen=True)
class Facet:
    """One way to narrow the list: its parameter, its words, and the key of entities that it asks about."""

    name: str
    label: str
    key: str


FACETS = (
    Facet("kind", "Kind", "kind"),
    Facet("type", "Type", "spec.type"),
    Facet("owner", "Owner", "relations.ownedby"),
    Facet("lifecycle", "Lifecycle", "spec.lifecycle"),
    Facet("tag", "Tag", "metadata.tags"),
)


def asked_values(query: QueryDict, name: str) -> list[str]:
    """The values of a parameter, each once."""
    return [value for value in dict.fromkeys(text.replace("\x00", "") for text in query.getlist(name)) if value]


def related_to(query: QueryDict) -> list[tuple[str, str]]:
    """What ``related=partOf:system:default/shop`` asks for: entities with this relation to this entity."""
    pairs = (value.partition(":") for value in asked_values(query, "related"))
    return [(type_, ref) for type_, _colon, ref in pairs if type_ and ref]


def filter_from(request: HttpRequest, without: str = "") -> Filter | None:
    """The filter of the address, leaving one facet out where its own options are counted."""
    parts = [
        In(facet.key, _wanted(request, facet, values))
        for facet in FACETS
        if facet.name != without and (values := asked_values(request.GET, facet.name))
    ]
    parts += [In(f"relations.{type_}".lower(), (ref.lower(),)) for type_, ref in related_to(request.GET)]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _wanted(request: HttpRequest, facet: Facet, values: list[str]) -> tuple[str, ...]:
    wanted = [value.lower() for value in values]
    if facet.name == "owner" and MINE in wanted:
        # Nobody's references have no colon, so the word can be no owner.
        wanted = [value for value in wanted if value != MINE] + identity_refs(subject_of(request))
    return tuple(wanted)


def listed(request: HttpRequest, asked: Filter | None) -> QuerySet[Entity]:
    """What is visible, in the picked space, and fits filter and text; Locations only where they are asked for."""
    found = narrow(request, visible_entities(subject_of(request)))
    if "location" not in [value.lower() for value in asked_values(request.GET, "kind")]:
        found = found.exclude(kind_key="location")
    if asked is not None:
        found = found.filter(condition(asked, subject_of(request)))
    for word in request.GET.get("q", "").replace("\x00", "").lower().split()[:8]:
        found = found.filter(words__contains=word)
    return found


def in_order(request: HttpRequest, found: QuerySet[Entity]) -> QuerySet[Entity]:
    """By the column that the address names, else by name."""
    sort = request.GET.get("sort", "")
    column = SORTS.get(sort.removeprefix("-"), "name_key")
    return found.order_by(f"-{column}" if sort.startswith("-") else column, "pk")


def facet_menus(request: HttpRequest) -> list[dict[str, Any]]:
    """Each facet with its options and how many entities they would leave."""
    menus = []
    for facet in FACETS:
        asked = filter_from(request, without=facet.name)
        counts = _counts(request, facet, asked)
        rows = sorted(counts, key=lambda row: (-row[1], row[0]))[:_MOST_OPTIONS]
        chosen = asked_values(request.GET, facet.name)
        rows += [(value, 0) for value in chosen if value not in {MINE, *(value for value, _ in rows)}]
        menus.append({"facet": facet, "options": _options(request, facet, rows)})
    return menus


def _counts(request: HttpRequest, facet: Facet, asked: Filter | None) -> list[tuple[str, int]]:
    space = chosen_space(request)
    is_whole = (space is None or space.is_root) and not request.GET.get("q")
    # PERF: without text and space the counts kept with every write may answer; the filter given tells whether they do.
    found = listed(request, asked)
    subject = subject_of(request)
    counts = facets(subject, [facet.key], asked, found, is_whole=is_whole)[facet.key]
    return [(value, count) for value, count in counts if value != "Location" or facet.name != "kind"]


def _options(request: HttpRequest, facet: Facet, rows: list[tuple[str, int]]) -> list[dict[str, Any]]:
    is_owner = facet.name == "owner"
    labels = visible_labels(subject_of(request), [value for value, _ in rows]) if is_owner else {}
    mine: list[dict[str, Any]] = [{"value": MINE, "label": "Me and my groups"}] if is_owner else []
    return mine + [
        {"value": value, "label": labels[value].label if value in labels else short_ref(value), "count": count}
        for value, count in rows
    ]


def is_mine(name: str, value: str) -> bool:
    """Does this parameter ask for what the person owns?"""
    return name == "owner" and value.lower() == MINE


def is_nobody(request: HttpRequest) -> bool:
    """The address asks for what the person owns, who is nobody in the catalog and so owns nothing."""
    return MINE in request.GET.getlist("owner") and not identity_refs(subject_of(request))


def space_options(request: HttpRequest) -> list[dict[str, Any]]:
    """The spaces whose entities may be seen, as choices."""
    picked = chosen_space(request)
    spaces = access.spaces_with(subject_of(request), Permission.ENTITY_READ).order_by("name")[:200]
    return [
        {"value": space.slug, "label": space.name, "is_selected": picked is not None and picked.pk == space.pk}
        for space in spaces
    ]


def chips(request: HttpRequest) -> list[tuple[str, str]]:
    """The filters that are on, each with the address without it."""
    found = []
    for facet in FACETS:
        values = asked_values(request.GET, facet.name)
        for value in values:
            rest = [other for other in values if other != value]
            words = "Owned by me" if is_mine(facet.name, value) else f"{facet.label}: {short_ref(value)}"
            found.append((words, link_with(request, **{facet.name: rest or None})))
    values = asked_values(request.GET, "related")
    for value, (type_, ref) in zip(values, related_to(request.GET), strict=False):
        rest = [other for other in values if other != value]
        found.append((f"{WORDS.get(type_, type_)}: {short_ref(ref)}", link_with(request, related=rest or None)))
    if text := request.GET.get("q", ""):
        found.append((f"“{text}”", link_with(request, q=None)))
    return found
