"""The page of the graph."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities.kinds import KINDS
from catalog.entities.linking import entity_url
from catalog.entities.models import Entity
from catalog.entities.views import get_entity_for
from catalog.graph import shown
from catalog.graph.asking import DEEPEST, DIRECTION_WORDS, Question, question_from
from catalog.graph.pairs import pairs
from catalog.graph.walking import Graph, walk
from portal.accounts.middleware import subject_of
from portal.ui.requests import wants_fragment

_DEPTH = 2


@login_required
@require_safe
def entity_graph(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """What has to do with an entity, as a drawing and as a list; the address narrows it."""
    subject = subject_of(request)
    entity = get_entity_for(subject, kind, namespace, name)
    question = question_from(request.GET, _DEPTH)
    values = graph_values(entity, walk(subject, entity, question))
    if wants_fragment(request) and request.headers.get("HX-Target") == "graph":
        return render(request, "catalog/graph/_graph.html", values)
    values |= {
        "crumbs": [("Catalog", "/catalog/"), (entity.label, entity_url(entity.ref)), ("Graph", "")],
        "menus": _menus(question),
    }
    return render(request, "catalog/graph/graph.html", values)


def graph_values(entity: Entity, graph: Graph) -> dict[str, Any]:
    """The context of ``_graph.html``."""
    return {
        "entity": entity,
        "graph": graph,
        "drawn": shown.drawn(graph),
        "signs": shown.signs(graph),
        "rows": shown.rows(graph),
        "summary": shown.summary(graph),
    }


def _menus(question: Question) -> list[dict[str, Any]]:
    """The filters of the page: (label, parameter, options, whether one excludes the others)."""
    kinds = sorted({kind.name for kind in KINDS} - {"Location"})
    depths = range(1, DEEPEST + 1)
    return [
        {"label": "Depth", "name": "depth", "is_single": True, "options": [
            {"value": number, "label": str(number), "is_selected": number == question.depth} for number in depths]},
        {"label": "Direction", "name": "direction", "is_single": True, "options": [
            {"value": way, "label": words, "is_selected": way == question.direction}
            for way, words in DIRECTION_WORDS.items()]},
        {"label": "Relations", "name": "relation", "is_single": False, "options": [
            {"value": type_, "label": shown.words_of(type_), "is_selected": type_ in question.relations}
            for type_ in pairs()]},
        {"label": "Kinds", "name": "kind", "is_single": False, "options": [
            {"value": kind.lower(), "label": kind, "is_selected": kind.lower() in question.kinds} for kind in kinds]},
    ]  # fmt: skip
