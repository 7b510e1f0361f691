"""What the catalog hangs into the shell."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from catalog.entities.models import Entity
from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.ui.components.icons import kind_icon
from portal.ui.registry import NavItem, SearchHit, SearchSource, add_nav, add_search_source


def hang_up() -> None:
    """Add the navigation entry and the search source."""
    add_nav(NavItem("Catalog", "catalog:list", "boxes", order=20))
    add_search_source(SearchSource("entities", "Catalog", find_entities, order=10))


def find_entities(request: HttpRequest, term: str, limit: int) -> list[SearchHit]:
    """Entities whose name or title holds ``term``, as far as the request's subject may see them."""
    found = access.visible_to(subject_of(request), Entity.objects.exclude(kind="Location")).filter(
        Q(name__icontains=term) | Q(title__icontains=term)
    )
    return [
        SearchHit(str(entity), entity_url(entity.ref), entity.kind, kind_icon(entity.kind), entity.description[:140])
        for entity in found.order_by("title", "name")[:limit]
    ]


def entity_url(ref: str) -> str:
    """The page of the entity with this canonical reference."""
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.partition("/")
    return reverse("catalog:entity_detail", args=[kind, namespace, name])
