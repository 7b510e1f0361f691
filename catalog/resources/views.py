"""Pages of the inventory."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities.linking import entity_url
from catalog.entities.models import Entity
from catalog.resources.links import run_url, stack_url
from catalog.resources.models import Health, Resource
from catalog.resources.querysets import SORTS, counts_of, filtered, health_parts, resources_for, with_health
from portal.accounts.middleware import subject_of
from portal.spaces import access
from portal.ui.spaces import narrow

_LABELS = {"stack": "Stack", "type": "Type", "provider": "Provider", "health": "Health"}


@login_required
@require_safe
def resource_list(request: HttpRequest) -> HttpResponse:
    """Everything deployed that the subject may see, narrowed by the address."""
    visible = with_health(narrow(request, resources_for(subject_of(request))))
    asked: dict[str, Any] = {name: request.GET.getlist(name) for name in _LABELS}
    asked |= {"q": request.GET.get("q", "").replace("\0", ""), "entity": request.GET.get("entity", "")}
    found = filtered(visible, asked)
    page = Paginator(found.order_by(*_order(request)), 50).get_page(request.GET.get("page"))
    values = {
        "crumbs": [("Resources", "")], "page": page, "resources": list(page), "entity_ref": asked["entity"],
        "facets": [(label, name, _options(visible, asked, name)) for name, label in _LABELS.items()],
        "health": health_parts(dict(counts_of(visible, asked, "health"))),
    }  # fmt: skip
    return render(request, "catalog/resources/resource_list.html", values)


def _order(request: HttpRequest) -> tuple[str, ...]:
    sort = request.GET.get("sort", "stack")
    path = SORTS.get(sort.lstrip("-"), "stack_slug")
    return (f"-{path}" if sort.startswith("-") else path, "address", "pk")


def _options(visible: Any, asked: dict[str, Any], name: str) -> list[dict[str, Any]]:
    labels = dict(Health.choices) if name == "health" else {}
    return [
        {"value": value, "label": labels.get(value, value or "none"), "count": number}
        for value, number in counts_of(visible, asked, name)
    ]


@login_required
@require_safe
def resource_detail(request: HttpRequest, uid: str) -> HttpResponse:
    """One resource."""
    subject = subject_of(request)
    resource = access.get_for(subject, with_health(Resource.objects.select_related("space")), uid=uid)
    entity = access.visible_to(subject, Entity.objects.filter(ref=resource.entity_ref)).first()
    values = {
        "crumbs": [("Resources", "/resources/"), (resource.name, "")], "resource": resource, "entity": entity,
        "entity_url": entity_url(resource.entity_ref) if entity else "",
        "stack_url": stack_url(resource), "run_url": run_url(resource),
        "attributes": json.dumps(resource.attributes, indent=2, ensure_ascii=False, sort_keys=True),
    }  # fmt: skip
    return render(request, "catalog/resources/resource.html", values)
