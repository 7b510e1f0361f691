"""Pages of the catalog: the list, and one entity with its tabs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.entities import about, listing
from catalog.entities.linking import entity_url, linked, visible_labels
from catalog.entities.models import Entity
from catalog.entities.policies import Permission
from catalog.entities.withholding import presented_one
from catalog.ingestion.services import delete_entity, refresh_entity
from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.ui.panels import draw, offered
from portal.ui.registry import Panel
from portal.ui.requests import wants_fragment

_PAGE = 25


def get_entity_for(
    subject: Subject, kind: str, namespace: str, name: str, permission: str = Permission.ENTITY_READ
) -> Entity:
    """The entity with this name, whatever the case, and the right to it."""
    ref = f"{kind}:{namespace}/{name}".lower().replace("\x00", "")
    return access.get_for(subject, Entity.objects.select_related("space", "location"), permission, ref=ref)


@login_required
@require_safe
def entity_list(request: HttpRequest) -> HttpResponse:
    """What exists, narrowed by the address."""
    asked = listing.filter_from(request)
    found = (
        listing.in_order(request, listing.listed(request, asked))
        .select_related("space")
        .defer("served", "terms", "facts", "written")
    )
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    labels = visible_labels(subject_of(request), [entity.owner_ref for entity in page.object_list])
    rows = [(entity, entity_url(entity.ref), linked(entity.owner_ref, labels)) for entity in page.object_list]
    values: dict[str, Any] = {
        "page": page,
        "rows": rows,
        "chips": listing.chips(request),
        "is_nobody": listing.is_nobody(request),
    }
    if wants_fragment(request) and request.headers.get("HX-Target") == "entity-list":
        return render(request, "catalog/entities/_list.html", values)
    values |= {
        "crumbs": [("Catalog", "")],
        "menus": listing.facet_menus(request),
        "spaces": listing.space_options(request),
    }
    return render(request, "catalog/entities/list.html", values)


@login_required
@require_safe
def entity_detail(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """One entity; ``?tab=`` picks what is shown of it."""
    subject = subject_of(request)
    entity = get_entity_for(subject, kind, namespace, name)
    # SECURITY: tabs and cards see what the visitor may: relations that unseen entities say are not there.
    entity.served = presented_one(subject, entity.ref, entity.served)
    tabs, current = _tabs(request, entity)
    drawn = draw(request, current, entity)
    values = {
        "crumbs": [("Catalog", "/catalog/"), (entity.kind, f"/catalog/?kind={entity.kind}"), (entity.label, "")],
        "entity": entity,
        "tabs": [{"panel": panel, "is_current": panel is current} for panel in tabs],
        "shown": drawn,
        "refusals": about.refusals(subject, entity),
        **about.facts(subject, entity),
    }
    return render(request, "catalog/entities/detail.html", values)


def _tabs(request: HttpRequest, entity: Entity) -> tuple[list[Panel], Panel]:
    """The tabs that have something to show, and the chosen one: the first, where the address names none of them."""
    tabs = offered(request, "entity_tab", entity)
    wanted = request.GET.get("tab", "")
    return tabs, next((panel for panel in tabs if panel.slug == wanted), tabs[0])


@login_required
@require_POST
def entity_refresh(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """Have the entity read again."""
    subject = subject_of(request)
    entity = get_entity_for(subject, kind, namespace, name)
    refresh_entity(subject=subject, entity=entity)
    messages.success(request, "It will be read again in a moment.")
    return redirect(entity_url(entity.ref))


@login_required
@require_POST
def entity_delete(request: HttpRequest, kind: str, namespace: str, name: str) -> HttpResponse:
    """Delete the entity."""
    subject = subject_of(request)
    entity = get_entity_for(subject, kind, namespace, name)
    delete_entity(subject=subject, entity=entity)
    messages.success(request, f"{entity.label} is deleted.")
    return redirect("catalog:list")
