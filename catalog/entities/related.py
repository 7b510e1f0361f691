"""Tables of what has a relation to an entity, by rights: the cards "Components", "Provided APIs", "Depends on" …"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from catalog.entities.filters import AllOf, Filter, In
from catalog.entities.linking import Linked, entity_url, linked, visible_labels
from catalog.entities.models import Entity
from catalog.entities.querysets import condition, visible_entities
from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.ui.registry import Panel

TEMPLATE = "catalog/entities/_related_card.html"
_MOST_SHOWN = 10
_MOST_NAMED = 20


@dataclass(frozen=True)
class Related:
    """One such table: entities that have the relation ``type`` to the one at hand, which has ``inverse`` to them.

    ``kinds`` are the kinds that are shown, in lower case; all where there is none. ``on`` are the kinds of entities
    whose page has the table. ``hint`` says what to write so that it fills; without one an empty table is left out.
    """

    slug: str
    label: str
    icon: str
    type: str
    inverse: str
    on: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    hint: str = ""

    def asked(self, entity: Entity) -> Filter:
        """The question for the entities of the table."""
        related = In(f"relations.{self.type}".lower(), (entity.ref,))
        return AllOf((related, In("kind", self.kinds))) if self.kinds else related

    def list_url(self, entity: Entity) -> str:
        """The catalog list with all of them."""
        kinds = [("kind", kind) for kind in self.kinds]
        return f"{reverse('catalog:list')}?{urlencode([*kinds, ('related', f'{self.type}:{entity.ref}')])}"


def table_of(subject: Subject, entity: Entity, related: Related) -> dict[str, Any]:
    """The context of one table: rows (entity, url, owner), total, and names that lead nowhere the subject may go."""
    found = visible_entities(subject).filter(condition(related.asked(entity)))
    found = found.defer("served", "terms", "facts", "written").order_by("name_key", "pk")
    rows = list(found[: _MOST_SHOWN + 1])
    total = found.count() if len(rows) > _MOST_SHOWN else len(rows)
    rows = rows[:_MOST_SHOWN]
    labels = visible_labels(subject, [row.owner_ref for row in rows])
    return {
        "related": related,
        "rows": [(row, entity_url(row.ref), linked(row.owner_ref, labels)) for row in rows],
        "total": total,
        "list_url": related.list_url(entity),
        "elsewhere": _elsewhere(subject, entity, related),
    }


def _elsewhere(subject: Subject, entity: Entity, related: Related) -> list[Linked]:
    """Names in the entity's own relations behind which there is nothing, or nothing that may be seen."""
    named = [
        row["targetRef"]
        for row in entity.content.get("relations", ())
        if row["type"] == related.inverse and (not related.kinds or row["targetRef"].partition(":")[0] in related.kinds)
    ]
    labels = visible_labels(subject, named[:200])
    return [linked(ref, labels) for ref in named[:200] if ref not in labels][:_MOST_NAMED]


def card(related: Related, order: int, area: str = "main") -> Panel:
    """The table as a card."""

    def context(request: HttpRequest, entity: Entity) -> dict[str, Any] | None:
        values = table_of(subject_of(request), entity, related)
        return values if values["rows"] or values["elsewhere"] or related.hint else None

    return Panel(related.slug, related.label, TEMPLATE, context, related.icon, order, on_kinds(*related.on), area)


def on_kinds(*kinds: str) -> Callable[[HttpRequest, Any], bool]:
    """A panel that belongs to entities of these kinds, in lower case."""
    return lambda _request, entity: entity.kind_key in kinds


def tables(request: HttpRequest, entity: Entity, found: Sequence[Related]) -> list[dict[str, Any]]:
    """Several tables for one tab: those of the entity's kind, without the empty ones that have no hint."""
    contexts = [table_of(subject_of(request), entity, row) for row in found if entity.kind_key in row.on]
    return [row for row in contexts if row["rows"] or row["elsewhere"] or row["related"].hint]
