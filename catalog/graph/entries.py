"""The card of the graph on the pages of entities."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalog.entities.models import Entity
from catalog.graph.asking import Direction, Question
from catalog.graph.shown import graph_url
from catalog.graph.views import graph_values
from catalog.graph.walking import walk
from portal.accounts.middleware import subject_of
from portal.ui.registry import Panel, add_panel

_MOST_ON_CARD = 40
# A system is shown with what its parts have to do with each other, other things with their neighbours.
_DEEPER = {"system": Question(2, Direction.BOTH, ("partOf", "dependsOn", "providesApi", "consumesApi"))}


def hang_up() -> None:
    """Add the card; called once when the apps are ready."""
    add_panel("entity_card", Panel("graph", "Relations", "catalog/graph/_card.html", graph_card, "workflow", 20))


def graph_card(request: HttpRequest, entity: Entity) -> dict[str, Any] | None:
    """The nearest neighbours; nothing where there is none that may be seen."""
    graph = walk(subject_of(request), entity, _DEEPER.get(entity.kind_key, Question()), _MOST_ON_CARD)
    if len(graph.nodes) < 2:
        return None
    label = "Diagram" if entity.kind_key in ("system", "domain") else "Relations"
    return {**graph_values(entity, graph), "label": label, "graph_url": graph_url(entity.ref), "is_card": True}
