"""What the page of an entity tells whatever its kind: facts, links, relations, problems, source, what may be done."""

from __future__ import annotations

import json
from typing import Any

from catalog.entities.linking import linked, safe_address, visible_labels
from catalog.entities.locations import EDIT_URL, VIEW_URL
from catalog.entities.models import Entity
from catalog.entities.policies import Permission
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


def facts(subject: Subject, entity: Entity) -> dict[str, Any]:
    """What the head of the page needs, on every tab."""
    labels = visible_labels(subject, [entity.owner_ref, entity.system_ref])
    annotations = entity.content["metadata"].get("annotations") or {}
    return {
        "owner": linked(entity.owner_ref, labels) if entity.owner_ref else None,
        "system": linked(entity.system_ref, labels) if entity.system_ref else None,
        "errors": [item for item in entity.content.get("status", {}).get("items", ()) if isinstance(item, dict)],
        "problems": _problems(subject, entity),
        "view_url": safe_address(annotations.get(VIEW_URL)),
        "edit_url": safe_address(annotations.get(EDIT_URL)),
    }


def links_of(entity: Entity) -> list[dict[str, str]]:
    """The links of an entity that a browser may follow."""
    return [
        {"url": url, "title": link.get("title") or url, "icon": link.get("type") or ""}
        for link in entity.content["metadata"].get("links", ())
        if (url := safe_address(link.get("url")))
    ]


def profile_of(entity: Entity) -> dict[str, str]:
    """The texts of the profile of a user or a group."""
    profile = (entity.content.get("spec") or {}).get("profile")
    return {name: text for name, text in profile.items() if isinstance(text, str)} if isinstance(profile, dict) else {}


def source_of(entity: Entity) -> dict[str, str]:
    """The entity as its file says it, and as the API serves it."""
    served = entity.content
    source: dict[str, Any] = {key: served[key] for key in ("apiVersion", "kind", "metadata", "spec") if key in served}
    return {"yaml": dump(source), "json": json.dumps(served, indent=2, ensure_ascii=False)}


def relations_of(subject: Subject, entity: Entity, most: int | None = None) -> list[dict[str, Any]]:
    """The relations by type, at most ``most`` of each."""
    served = entity.content
    labels = visible_labels(subject, [row["targetRef"] for row in served.get("relations", ())])
    return _relations(served, labels, most)


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
