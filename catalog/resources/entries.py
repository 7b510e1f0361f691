"""What resources hang into the shell: navigation, a tab of entities, a card on the first page, search."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from catalog.resources.policies import Permission
from catalog.resources.querysets import counts_of, health_parts, resources_for, with_health
from portal.accounts.middleware import subject_of
from portal.ui.registry import NavItem, Panel, SearchHit, SearchSource, add_nav, add_panel, add_search_source

MOST_SHOWN = 200


def register() -> None:
    """Add the entries; called once when the apps are ready."""
    add_nav(NavItem("Resources", "resources:list", "server", order=50, permission=Permission.RESOURCE_READ))
    template = "catalog/resources/_entity_panel.html"
    add_panel("entity_tab", Panel("resources", "Resources", template, entity_resources, "server", 40))
    add_panel("home_card", Panel("health", "Health", "catalog/resources/_home_card.html", home_health, "activity", 30))
    add_search_source(SearchSource("resources", "Resources", find_resources, order=40))


def entity_resources(request: HttpRequest, entity: Any) -> dict[str, Any] | None:
    """What stacks of this entity deployed, as far as the subject may see those stacks; None where there is nothing."""
    found = with_health(resources_for(subject_of(request))).filter(entity_ref=entity.ref)
    resources = list(found.order_by("stack_slug", "address")[:MOST_SHOWN])
    return {"resources": resources, "entity_ref": entity.ref, "total": found.count()} if resources else None


def home_health(request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """How many resources are how; None where there are none."""
    counts = dict(counts_of(with_health(resources_for(subject_of(request))), {}, "health"))
    parts = health_parts(counts, reverse("resources:list"))
    return {"parts": parts, "total": sum(counts.values())} if parts else None


def find_resources(request: HttpRequest, text: str, limit: int) -> list[SearchHit]:
    """Visible resources whose address or name contains the text."""
    found = resources_for(subject_of(request)).filter(Q(address__icontains=text) | Q(name__icontains=text))[:limit]
    return [
        SearchHit(row.address, reverse("resources:detail", args=[row.uid]), row.type, "box", row.stack_name)
        for row in found
    ]
