"""The tabs and cards that every catalog has; other apps and packages add theirs beside them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from catalog.entities import about
from catalog.entities.linking import entity_url, linked, safe_address, visible_labels
from catalog.entities.models import Entity
from catalog.entities.querysets import visible_entities
from catalog.entities.related import Related, card, on_kinds, tables
from portal.accounts.middleware import subject_of
from portal.ui.panels import shown_panels
from portal.ui.registry import Panel, add_panel

_MOST_ROWS = 50

SUBCOMPONENTS = Related("subcomponents", "Subcomponents", "box", "partOf", "hasPart", ("component",), ("component",))
PARTS = (
    Related("components", "Components", "box", "partOf", "hasPart", ("system",), ("component",),
            "Components name this system in spec.system."),
    Related("apis", "APIs", "puzzle", "partOf", "hasPart", ("system",), ("api",),
            "APIs name this system in spec.system."),
    Related("system-resources", "Resources", "database", "partOf", "hasPart", ("system",), ("resource",)),
    Related("systems", "Systems", "boxes", "partOf", "hasPart", ("domain",), ("system",),
            "Systems name this domain in spec.domain."),
    Related("subdomains", "Subdomains", "globe", "partOf", "hasPart", ("domain",), ("domain",)),
)  # fmt: skip
PROVIDERS = Related("providers", "Providers", "box", "providesApi", "apiProvidedBy", ("api",), (),
                    "Components name this API in spec.providesApis.")  # fmt: skip
CONSUMERS = Related("consumers", "Consumers", "plug", "consumesApi", "apiConsumedBy", ("api",), (),
                    "Components name this API in spec.consumesApis.")  # fmt: skip
APIS = (
    Related("provides", "Provided APIs", "puzzle", "apiProvidedBy", "providesApi", ("component",), (),
            "Name the APIs that it offers in spec.providesApis."),
    Related("consumes", "Consumed APIs", "plug", "apiConsumedBy", "consumesApi", ("component",), (),
            "Name the APIs that it uses in spec.consumesApis."),
)  # fmt: skip
NEEDS = (
    Related("depends-on", "Depends on", "arrow-down-right", "dependencyOf", "dependsOn", ("component", "resource"), (),
            "Name what it needs in spec.dependsOn."),
    Related("needed-by", "Needed by", "arrow-up-left", "dependsOn", "dependencyOf", ("component", "resource"), (),
            "What needs it names it in spec.dependsOn."),
)  # fmt: skip


def hang_up() -> None:
    """Add the tabs and cards; called once when the apps are ready."""
    tab = "catalog/entities/_{}_tab.html".format
    tables_tab = tab("tables")
    add_panel("entity_tab", Panel("overview", "Overview", tab("overview"), overview, "layout-dashboard", 0, _always))
    add_panel("entity_tab", Panel("api", "APIs", tables_tab, apis, "puzzle", 20, on_kinds("component")))
    add_panel(
        "entity_tab",
        Panel("dependencies", "Dependencies", tables_tab, dependencies, "arrow-down-up", 30,
              on_kinds("component", "resource")),
    )  # fmt: skip
    add_panel("entity_tab", Panel("relations", "Relations", tab("relations"), relations, "workflow", 80, _always))
    add_panel("entity_tab", Panel("source", "Source", tab("source"), source, "code", 100, _always))

    face = "catalog/entities/_{}_card.html".format
    add_panel("entity_card", Panel("about", "About", face("about"), about_card, "info", 0, _always))
    for order, related in enumerate((PROVIDERS, CONSUMERS, *PARTS, SUBCOMPONENTS), start=30):
        add_panel("entity_card", card(related, order))
    add_panel("entity_card", Panel("template", "What it does", face("template"), template_card, "list-ordered", 30,
                                   on_kinds("template")))  # fmt: skip
    add_panel("entity_card", Panel("targets", "Targets", face("targets"), targets_card, "map-pin", 30,
                                   on_kinds("location")))  # fmt: skip
    add_panel("entity_card", Panel("links", "Links", face("links"), links_card, "link", 40, _always, "aside"))
    add_panel("entity_card", Panel("labels", "Labels", face("labels"), labels_card, "tags", 90, None, "aside"))


def _always(_request: HttpRequest, _entity: Entity) -> bool:
    return True


def overview(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """The cards of the entity, in their two columns."""
    cards = shown_panels(request, "entity_card", entity)
    return {
        "entity": entity,
        "main": [shown for shown in cards if shown.panel.area == "main"],
        "aside": [shown for shown in cards if shown.panel.area == "aside"],
    }


def apis(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """What a component offers and uses."""
    return {"entity": entity, "tables": tables(request, entity, APIS)}


def dependencies(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """What it needs, what needs it, and its parts."""
    return {"entity": entity, "tables": tables(request, entity, (*NEEDS, SUBCOMPONENTS))}


def relations(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """All relations by type."""
    return {"entity": entity, "relations": about.relations_of(subject_of(request), entity)}


def source(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """The entity as text."""
    return {"entity": entity, **about.source_of(entity)}


def about_card(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """What is true of entities of all kinds."""
    profile = about.profile_of(entity)
    return {
        **about.facts(subject_of(request), entity),
        "entity": entity,
        "email": profile.get("email", ""),
        "picture": "",
        "has_owner": bool(entity.owner_ref) or entity.kind_key not in ("group", "user", "location"),
    }


def links_card(_request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """Links that its file names."""
    return {"links": about.links_of(entity)}


def labels_card(_request: HttpRequest, entity: Entity) -> dict[str, Any] | None:
    """Labels that its file names."""
    labels = entity.content["metadata"].get("labels") or {}
    return {"labels": labels} if labels else None


def template_card(_request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """The pages of the form and the steps of a template."""
    spec = entity.content.get("spec") or {}
    pages = spec.get("parameters") or []
    pages = pages if isinstance(pages, list) else [pages]
    steps = [step for step in spec.get("steps") or [] if isinstance(step, dict)]
    return {
        "pages": [
            {"title": page.get("title") or "Input", "fields": len(page.get("properties") or {})}
            for page in pages[:_MOST_ROWS]
            if isinstance(page, dict)
        ],
        "steps": [
            {"name": step.get("name") or step.get("id") or step.get("action"), "action": step.get("action")}
            for step in steps[:_MOST_ROWS]
        ],
        "more": max(0, len(steps) - _MOST_ROWS),
    }


def targets_card(request: HttpRequest, entity: Entity) -> dict[str, Any]:
    """What a location names, and which entities it gave."""
    spec = entity.content.get("spec") or {}
    named = [spec.get("target"), *(spec.get("targets") or [])]
    targets = [text for text in named if isinstance(text, str)]
    found = visible_entities(subject_of(request)).filter(parent_ref=entity.ref).order_by("kind_key", "name_key")
    labels = visible_labels(subject_of(request), found.values_list("ref", flat=True)[:_MOST_ROWS])
    return {
        "targets": [(text, safe_address(text)) for text in targets[:_MOST_ROWS]],
        "more": max(0, len(targets) - _MOST_ROWS),
        "children": [linked(ref, labels) for ref in labels],
        "total": found.count(),
        "url": entity_url(entity.ref),
    }
