"""What the page of an entity tells: facts, links, relations, problems, source, and what may be done with it."""

from __future__ import annotations

import json
from typing import Any

from catalog.entities.linking import linked, safe_address, visible_labels
from catalog.entities.locations import EDIT_URL, VIEW_URL
from catalog.entities.models import Entity
from catalog.entities.policies import Permission
from catalog.entities.withholding import presented_one
from catalog.ingestion.models import Problem
from portal.accounts.subjects import Subject
from portal.lib.yaml import dump
from portal.spaces import access

# How relations are told on pages, in this order; others follow by their own name.
WORDS = {
    "ownedBy": "Owned by", "partOf": "Part of", "hasPart": "Has parts", "providesApi": "Provides", "apiProvidedBy":
    "Provided by", "consumesApi": "Consumes", "apiConsumedBy": "Consumed by", "dependsOn": "Depends on",
    "dependencyOf": "Needed by", "memberOf": "Member of", "hasMember": "Members", "childOf": "Below",
    "parentOf": "Groups below", "ownerOf": "Owns",
}  # fmt: skip
_MOST_SHOWN = 12
_LANGUAGES = {"openapi": "yaml", "asyncapi": "yaml", "graphql": "graphql", "grpc": "protobuf"}


def facts(subject: Subject, entity: Entity, tab: str) -> dict[str, Any]:
    """The context of a tab of the page."""
    served = json.loads(presented_one(subject, entity.ref, entity.served))
    labels = visible_labels(subject, [row["targetRef"] for row in served.get("relations", ())])
    values: dict[str, Any] = {
        "owner": linked(entity.owner_ref, labels) if entity.owner_ref else None,
        "system": linked(entity.system_ref, labels) if entity.system_ref else None,
        "relations": _relations(served, labels, None if tab == "relations" else _MOST_SHOWN),
        "errors": [item for item in served.get("status", {}).get("items", ()) if isinstance(item, dict)],
        "problems": _problems(subject, entity),
    }
    if tab == "overview":
        values |= _overview(served)
    if tab == "source":
        source = {key: served[key] for key in ("apiVersion", "kind", "metadata", "spec") if key in served}
        values |= {"yaml": dump(source), "json": json.dumps(served, indent=2, ensure_ascii=False)}
    return values


def _overview(served: dict[str, Any]) -> dict[str, Any]:
    metadata, spec = served["metadata"], served.get("spec") or {}
    annotations = metadata.get("annotations") or {}
    definition = spec.get("definition")
    profile = spec.get("profile") if isinstance(spec.get("profile"), dict) else {}
    links = [
        {"url": url, "title": link.get("title") or url, "icon": link.get("type") or ""}
        for link in metadata.get("links", ())
        if (url := safe_address(link.get("url")))
    ]
    return {
        "links": links,
        "labels": metadata.get("labels") or {},
        "email": profile.get("email") if isinstance(profile, dict) else "",
        "view_url": safe_address(annotations.get(VIEW_URL)),
        "edit_url": safe_address(annotations.get(EDIT_URL)),
        "definition": definition if served["kind"] == "API" and isinstance(definition, str) else "",
        "definition_language": _LANGUAGES.get(str(spec.get("type")), "text"),
    }


def _relations(served: dict[str, Any], labels: dict[str, Any], most: int | None) -> list[dict[str, Any]]:
    groups: dict[str, list[Any]] = {}
    for row in served.get("relations", ()):
        groups.setdefault(row["type"], []).append(linked(row["targetRef"], labels))
    order = list(WORDS)
    found = sorted(groups.items(), key=lambda item: (order.index(item[0]) if item[0] in WORDS else 99, item[0]))
    return [
        {"label": WORDS.get(type_, type_), "type": type_, "targets": targets[:most], "total": len(targets),
         "more": len(targets) - len(targets[:most])}
        for type_, targets in found
    ]  # fmt: skip


def _problems(subject: Subject, entity: Entity) -> list[Problem]:
    found = Problem.objects.filter(ref=entity.ref).select_related("location")
    return list(access.visible_to(subject, found)[:20])


def refusals(subject: Subject, entity: Entity) -> dict[str, str]:
    """Why the subject may not do something with the entity; empty where it may."""
    found = {
        name: "" if access.can(subject, permission, entity) else access.refusal(permission, entity.space)
        for name, permission in (("refresh", Permission.ENTITY_REFRESH), ("delete", Permission.ENTITY_DELETE))
    }
    if entity.location is None and not found["refresh"]:
        found["refresh"] = "No location gives this entity, so there is nothing to read again."
    if entity.location is not None and entity.ref == entity.location.entity_ref and not found["delete"]:
        found["delete"] = "It stands for its location. Unregister the location instead."
    return found
