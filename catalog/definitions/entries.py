"""The tab of an API's definition."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from catalog.definitions.drawing import draw_fields, draw_shape
from catalog.definitions.outlines import Body, Group, Outline
from catalog.definitions.reading import MOST_SHOWN, read_definition
from catalog.entities.models import Entity
from portal.ui.registry import Panel, add_panel

_TEMPLATE = "catalog/definitions/_tab.html"
# Short definitions are shown open; of long ones the reader picks.
_MOST_OPEN = 3


def hang_up() -> None:
    """Add the tab; called once when the apps are ready."""
    add_panel("entity_tab", Panel("definition", "Definition", _TEMPLATE, definition_tab, "braces", 10, has_definition))


def has_definition(_request: HttpRequest, entity: Entity) -> bool:
    """An API whose definition is a text."""
    return entity.kind_key == "api" and bool(definition_of(entity))


def definition_of(entity: Entity) -> str:
    """The text of the definition; empty where there is none."""
    text = (entity.content.get("spec") or {}).get("definition")
    return text if isinstance(text, str) else ""


def definition_tab(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """The outline, or the text where there is none or where it is asked for."""
    text = definition_of(entity)
    reading = read_definition(entity.type, text)
    as_text = reading.outline is None or request.GET.get("as") == "text"
    values: dict[str, Any] = {
        "entity": entity,
        "error": reading.error,
        "has_outline": reading.outline is not None,
        "as_text": as_text,
        "language": reading.language,
        "text": text[:MOST_SHOWN] if as_text else "",
        "left_out": max(0, len(text) - MOST_SHOWN) if as_text else 0,
        "raw_url": reverse("api-entity-definition", args=[entity.uid]),
    }
    if reading.outline is not None and not as_text:
        values |= outlined(reading.outline)
    return values


def outlined(outline: Outline) -> dict[str, Any]:
    """The outline with its types drawn."""
    return {
        "outline": outline,
        "groups": [(group, _operations(group)) for group in outline.groups],
        "types": [(row, draw_shape(row.shape)) for row in outline.types],
        "is_open": outline.operation_count <= _MOST_OPEN,
    }


def _operations(group: Group) -> list[dict[str, Any]]:
    return [
        {
            "operation": operation,
            "parameters": draw_fields(operation.parameters),
            "bodies": [_body(body) for body in operation.bodies],
            "answers": [(answer, [_body(body) for body in answer.bodies]) for answer in operation.answers],
        }
        for operation in group.operations
    ]


def _body(body: Body) -> dict[str, Any]:
    return {"body": body, "shape": draw_shape(body.shape), "fields": draw_fields(body.fields)}
