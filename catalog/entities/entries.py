"""What the catalog hangs into the shell."""

from __future__ import annotations

from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest

from catalog.entities import cards, plug_ins
from catalog.entities.linking import entity_url
from catalog.entities.querysets import visible_entities
from portal.accounts.middleware import subject_of
from portal.ui.components.icons import kind_icon
from portal.ui.registry import NavItem, SearchHit, SearchSource, add_nav, add_search_source


def hang_up() -> None:
    """Add the navigation entry, the search source, and the tabs and cards of entities."""
    add_nav(NavItem("Catalog", "catalog:list", "boxes", order=20))
    add_search_source(SearchSource("entities", "Catalog", find_entities, order=10))
    cards.hang_up()
    plug_ins.add_panels()


def find_entities(request: HttpRequest, term: str, limit: int) -> list[SearchHit]:
    """Visible entities with all words of ``term`` in name, title or description; best matches of the name first."""
    found = visible_entities(subject_of(request)).exclude(kind_key="location")
    words = term.replace("\x00", "").lower().split()[:8]
    for word in words:
        found = found.filter(words__contains=word)
    first = words[0] if words else ""
    rank = Case(
        When(Q(name_key=first) | Q(title__iexact=term), then=Value(0)),
        When(Q(name_key__startswith=first) | Q(title__istartswith=first), then=Value(1)),
        When(Q(name_key__contains=first) | Q(title__icontains=first), then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = found.annotate(rank=rank).order_by("rank", "name_key", "pk")[:limit]
    return [
        SearchHit(row.label, entity_url(row.ref), row.kind, kind_icon(row.kind), row.description[:140]) for row in rows
    ]
