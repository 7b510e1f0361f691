"""Rows of the catalog: pages, and the endpoints of ``/api/catalog``."""

from __future__ import annotations

import uuid
from typing import Any

from catalog.entities.locations import generated_ref
from catalog.entities.models import Entity
from catalog.entities.refs import LocationRef
from catalog.ingestion.models import Location
from tests.contracts.matrix import API_IN_SPACE, API_SIGNED_IN, IN_SPACE, SIGNED_IN, Row, Stage, nothing
from tests.factories.catalog import make_entity

_TARGET = "https://example.com/catalog-info.yaml"


def _entity(stage: Stage) -> Entity:
    found: Entity = stage.once("entity", lambda: make_entity(stage.cast.space, "desk"))
    return found


def _location(stage: Stage) -> Location:
    def make() -> Location:
        ref = generated_ref(LocationRef("url", _TARGET))
        location = Location.objects.create(type="url", target=_TARGET, space=stage.cast.space, entity_ref=ref)
        Entity.objects.filter(pk=_entity(stage).pk).update(location=location)
        return location

    found: Location = stage.once("location", make)
    return found


def _name(stage: Stage) -> dict[str, Any]:
    _location(stage)
    entity = _entity(stage)
    return {"kind": entity.kind_key, "namespace": entity.namespace, "name": entity.name}


def _entity_uid(stage: Stage) -> dict[str, Any]:
    return {"uid": str(_entity(stage).uid)}


def _location_uid(stage: Stage) -> dict[str, Any]:
    return {"uid": _location(stage).uid}


def _refs(stage: Stage) -> dict[str, Any]:
    return {"entityRefs": [_entity(stage).ref]}


def _form(stage: Stage) -> dict[str, Any]:
    return {"target": f"{_TARGET}?{uuid.uuid4()}", "space": stage.cast.space.slug}


def _new_location(stage: Stage) -> dict[str, Any]:
    return {"type": "url", "target": _TARGET, "space": stage.cast.space.slug}


def _validate(stage: Stage) -> dict[str, Any]:
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Domain",
        "metadata": {"name": "a"},
        "spec": {"owner": "b"},
    }
    return {"entity": entity, "location": f"url:{_TARGET}"}


def _facets(stage: Stage) -> dict[str, Any]:
    return {"facets": ["kind"]}


def _ref(stage: Stage) -> dict[str, Any]:
    _location(stage)
    return {"entityRef": _entity(stage).ref}


_API_POST = "401 200 200 200 200 200"


def _analyzed(stage: Stage) -> dict[str, object]:
    return {"location": {"type": "url", "target": "https://github.com/acme/shop"}}


ROWS = [
    Row("catalog:list", SIGNED_IN),
    Row("catalog:locations", SIGNED_IN),
    # The stranger may register in the sibling space, so sees the form; this space is none of its choices.
    Row(
        "catalog:register",
        {"GET": "302 200 403 200 200 200", "POST": "302 422 403 302 302 302"},
        nothing,
        _form,
        others={"outsider": 403},
    ),
    Row("catalog:location", IN_SPACE, _location_uid),
    Row("catalog:location_refresh", {"POST": "302 404 403 302 302 302"}, _location_uid),
    Row(
        "catalog:location_unregister",
        {"GET": "302 404 403 403 200 200", "POST": "302 404 403 403 302 302"},
        _location_uid,
    ),
    Row("catalog:entity_detail", IN_SPACE, _name),
    Row("catalog:entity_refresh", {"POST": "302 404 403 302 302 302"}, _name),
    Row("catalog:entity_delete", {"POST": "302 404 403 403 302 302"}, _name),
    Row("catalog-entities", API_SIGNED_IN),
    Row("catalog-entities-by-query", API_SIGNED_IN | {"POST": _API_POST}),
    Row("catalog-entities-by-refs", {"POST": _API_POST}, nothing, _refs),
    # Deleting what is not there, or not to be seen, is no error in this contract.
    Row("catalog-entity-by-uid", API_IN_SPACE | {"DELETE": "401 204 403 403 204 204"}, _entity_uid),
    Row("catalog-entity-by-name", API_IN_SPACE, _name),
    Row("catalog-entity-ancestry", API_IN_SPACE, _name),
    Row("catalog-entity-facets", API_SIGNED_IN | {"POST": _API_POST}, nothing, _facets, "?facet=kind"),
    Row("catalog-locations", API_SIGNED_IN | {"POST": "401 404 403 201 201 201"}, nothing, _new_location),
    Row("catalog-location", API_IN_SPACE | {"DELETE": "401 404 403 403 204 204"}, _location_uid),
    Row("catalog-location", {"PUT": "401 404 403 403 200 200"}, _location_uid, _new_location),
    Row("catalog-locations-by-query", {"POST": "401 200 200 200 200 200"}, nothing, lambda stage: {"limit": 5}),
    # A stranger is an admin elsewhere and may register there; whoever may in several spaces must say which.
    Row(
        "catalog-analyze-location",
        {"POST": "401 200 403 200 200 200"},
        nothing,
        _analyzed,
        others={"outsider": 403, "parent": 400, "token of parent": 400},
    ),
    Row("catalog-location-by-entity", API_IN_SPACE, _name),
    Row("catalog-refresh", {"POST": "401 404 403 200 200 200"}, nothing, _ref),
    Row("catalog-validate-entity", {"POST": _API_POST}, nothing, _validate),
]
