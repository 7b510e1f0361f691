"""Locations, refreshing, validating and deleting under ``/api/catalog``."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from catalog.entities.api.answers import as_json, json_answer
from catalog.entities.api.views import entity_with_uid
from catalog.entities.models import Entity
from catalog.entities.processing import process
from catalog.entities.querysets import visible_entities
from catalog.entities.refs import EntityRef, LocationRef
from catalog.entities.withholding import presented_one
from catalog.ingestion.analyzing import analyze_location
from catalog.ingestion.keepers import PROVIDED
from catalog.ingestion.models import Location
from catalog.ingestion.services import (
    Preview,
    default_space,
    delete_entity,
    move_location,
    preview_location,
    refresh_entity,
    register_location,
    unregister_location,
)
from catalog.ingestion.sources import Sources
from catalog.ingestion.wire import wire_location
from portal.accounts.subjects import Subject
from portal.api.wire import read_json, wire
from portal.lib.errors import Invalid, NotFound
from portal.spaces import access
from portal.spaces.models import Space


@wire("GET", "POST")
def location_list(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``GET /locations``; ``POST /locations?dryRun=`` with ``{type, target, presence?, space?}``."""
    if request.method == "POST":
        return _register(request, subject)
    rows = access.visible_to(subject, Location.objects.exclude(type=PROVIDED).order_by("pk"))
    return json_answer(as_json([{"data": wire_location(location)} for location in rows]))


def _register(request: HttpRequest, subject: Subject) -> HttpResponse:
    body = _address(read_json(request))
    if body.get("presence", "required") not in ("required", "optional"):
        raise Invalid("request/body/presence must be equal to one of the allowed values: required, optional")
    wanted: dict[str, Any] = {
        "type": body["type"], "target": body["target"], "is_optional": body.get("presence") == "optional",
        "space": _space(request, subject, body),
    }  # fmt: skip
    if request.GET.get("dryRun", "") not in ("", "false", "0"):
        return _dry_run(preview_location(subject=subject, **wanted))
    location = register_location(subject=subject, **wanted)
    answer = JsonResponse({"location": wire_location(location), "entities": []}, status=201)
    answer["Location"] = f"{request.path}/{location.uid}"
    return answer


def _address(body: dict[str, Any]) -> dict[str, Any]:
    for name in ("type", "target"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise Invalid(f"request/body must have required property '{name}'")
    return body


def _space(request: HttpRequest, subject: Subject, body: dict[str, Any]) -> Space:
    slug = body.get("space") or request.GET.get("space")
    if not slug:
        return default_space(subject)
    return access.get_for(subject, Space.objects.all(), slug=str(slug).replace("\x00", ""))


def _dry_run(preview: Preview) -> HttpResponse:
    if preview.troubles:
        words = [f"{trouble.address}: {trouble.message}" for trouble in preview.troubles]
        raise Invalid("; ".join(words[:20]))
    entities = [found.entity for found in preview.found]
    body = {"exists": preview.exists, "location": wire_location(preview.location), "entities": entities}
    return json_answer(as_json(body), status=201)


@wire("GET", "PUT", "DELETE")
def location_detail(request: HttpRequest, subject: Subject, uid: str) -> HttpResponse:
    """``GET``, ``PUT {type, target}`` and ``DELETE /locations/{id}``; deleting takes all that came from it along."""
    try:
        wanted = uuid.UUID(uid)
    except ValueError as error:
        raise NotFound(f"Found no location with ID {uid}") from error
    location = access.get_for(subject, Location.objects.exclude(type=PROVIDED), uid=wanted)
    if request.method == "DELETE":
        unregister_location(subject=subject, location=location)
        return HttpResponse(status=204)
    if request.method == "PUT":
        body = _address(read_json(request))
        location = move_location(subject=subject, location=location, type=body["type"], target=body["target"])
    return json_answer(as_json(wire_location(location)))


@wire("POST")
def analyze(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``POST /analyze-location`` with ``{location: {type, target}, catalogFilename?}``."""
    body = read_json(request)
    location = body.get("location")
    if not isinstance(location, dict):
        raise Invalid("request/body must have required property 'location'")
    name = body.get("catalogFilename", body.get("catalogFileName")) or ""
    if not isinstance(name, str):
        raise Invalid("request/body/catalogFilename must be string")
    target = _address(location)["target"]
    found = analyze_location(subject=subject, target=target, catalog_file=name)
    existing = [
        {"location": {"type": "url", "target": address}, "isRegistered": known, "entity": entity}
        for address, entity, known in found.existing
    ]
    generated = [{"entity": found.generated, "fields": []}] if found.generated else []
    return json_answer(as_json({"existingEntityFiles": existing, "generateEntities": generated}))


@wire("GET")
def location_by_entity(request: HttpRequest, subject: Subject, kind: str, namespace: str, name: str) -> HttpResponse:
    """``GET /locations/by-entity/…``: where an entity came from."""
    ref = f"{kind}:{namespace}/{name}".lower().replace("\x00", "")
    entity = visible_entities(subject).filter(ref=ref).select_related("location").first()
    location = entity.location if entity is not None else None
    if location is None or location.type == PROVIDED or not access.can(subject, "location:read", location):
        raise NotFound(f"found no location for ref {ref}")
    return json_answer(as_json(wire_location(location)))


@wire("POST")
def refresh(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``POST /refresh``: read the location of an entity again soon."""
    ref = read_json(request).get("entityRef")
    if not isinstance(ref, str):
        raise Invalid("request/body must have required property 'entityRef'")
    refresh_entity(subject=subject, entity=_entity(subject, str(EntityRef.parse(ref))))
    return HttpResponse(status=200)


def _entity(subject: Subject, ref: str) -> Entity:
    return access.get_for(subject, Entity.objects.select_related("location"), ref=ref.replace("\x00", ""))


@wire("GET", "DELETE")
def by_uid(request: HttpRequest, subject: Subject, uid: str) -> HttpResponse:
    """``GET`` and ``DELETE /entities/by-uid/{uid}``; what is not there is deleted already."""
    entity = entity_with_uid(subject, uid)
    if request.method == "DELETE":
        if entity is not None:
            delete_entity(subject=subject, entity=entity)
        return HttpResponse(status=204)
    if entity is None:
        raise NotFound(f"No entity with uid {uid}")
    return json_answer(presented_one(subject, entity.ref, entity.served))


@wire("POST")
def validate_entity(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``POST /validate-entity``: 200, or 400 with everything that is wrong."""
    body = read_json(request)
    if not isinstance(body.get("entity"), dict):
        raise Invalid("request/body must have required property 'entity'")
    if not isinstance(body.get("location"), str):
        raise Invalid("request/body must have required property 'location'")
    location = LocationRef.parse(body["location"])
    if location.type != "url":
        raise Invalid("Location ref malformed: use url:https://…")
    with Sources() as sources:
        made = process(json.loads(as_json(body["entity"])), location, sources.read)
    if made.refusals:
        errors = [{"name": "InputError", "message": str(refusal)} for refusal in made.refusals]
        return JsonResponse({"errors": errors}, status=400)
    return HttpResponse(status=200)
