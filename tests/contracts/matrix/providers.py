"""Addresses of providers, of what is pushed to them, and of webhooks."""

from __future__ import annotations

import uuid
from typing import Any

from catalog.entities.locations import generated_ref
from catalog.entities.refs import LocationRef
from catalog.ingestion.models import Location
from catalog.providers.models import Hook, Provider
from catalog.providers.webhooks.services import make_hook
from portal.accounts.subjects import system
from tests.contracts.matrix import API_IN_SPACE, API_SIGNED_IN, IN_SPACE, SIGNED_IN, Row, Stage, nothing
from tests.factories.providers import component, make_provider

_TARGET = "https://github.com/acme/one/blob/main/catalog-info.yaml"
_FORM = {"owner": "acme", "path": "/catalog-info.yaml", "minutes": "30"}


def _pushed(stage: Stage) -> dict[str, Any]:
    made: Provider = stage.once("pushed", lambda: make_provider(stage.cast.space, "builds"))
    return {"name": made.name}


def _host(stage: Stage) -> dict[str, Any]:
    made: Provider = stage.once("host", lambda: make_provider(stage.cast.space, "git", "github", "t", owner="acme"))
    return {"name": made.name}


def _location(stage: Stage) -> Location:
    def make() -> Location:
        ref = generated_ref(LocationRef("url", _TARGET))
        return Location.objects.create(type="url", target=_TARGET, space=stage.cast.space, entity_ref=ref)

    found: Location = stage.once("location", make)
    return found


def _location_uid(stage: Stage) -> dict[str, Any]:
    return {"uid": _location(stage).uid}


def _hook(stage: Stage) -> dict[str, Any]:
    made: Hook = stage.once("hook", lambda: make_hook(subject=system(), location=_location(stage)))
    return {"uid": made.uid}


def _kind(stage: Stage) -> dict[str, Any]:
    return {"kind": "github"}


def _form(stage: Stage) -> dict[str, Any]:
    return {**_FORM, "name": f"new-{uuid.uuid4().hex[:8]}", "space": stage.cast.space.slug}


def _changed(stage: Stage) -> dict[str, Any]:
    return {**_FORM, "space": stage.cast.space.slug, "is_enabled": "on"}


def _new(stage: Stage) -> dict[str, Any]:
    return {"name": "new-one", "kind": "push", "space": stage.cast.space.slug}


def _less_often(stage: Stage) -> dict[str, Any]:
    return {"every_seconds": 7200}


def _whole(stage: Stage) -> dict[str, Any]:
    return {"entities": [component("desk")]}


def _delta(stage: Stage) -> dict[str, Any]:
    return {"added": [component("desk")], "removed": ["component:window"]}


def _its_hook(stage: Stage) -> dict[str, Any]:
    return {"provider": _host(stage)["name"]}


def _nowhere(stage: Stage) -> dict[str, Any]:
    return {"uid": uuid.UUID(int=1)}


_ADMIN_POST = {"POST": "302 404 403 403 302 302"}
_ADMIN_FORM = {"GET": "302 404 403 403 200 200"} | _ADMIN_POST
ROWS = [
    Row("providers:list", SIGNED_IN),
    # The stranger may set up providers in the sibling space, so sees the form; this space is none of its choices.
    Row(
        "providers:create", {"GET": "302 200 403 403 200 200", "POST": "302 422 403 403 302 302"}, _kind, _form,
        others={"outsider": 403},
    ),
    Row("providers:detail", IN_SPACE, _host),
    Row("providers:change", _ADMIN_FORM, _host, _changed),
    Row("providers:delete", _ADMIN_FORM, _host),
    Row("providers:refresh", {"POST": "302 404 403 302 302 302"}, _host),
    Row("providers:hook", _ADMIN_POST, _host),
    Row("providers:location_hook", _ADMIN_POST, _location_uid),
    Row("providers:hook_delete", _ADMIN_POST, _hook),
    Row("api-catalog-provider-list", API_SIGNED_IN | {"POST": "401 404 403 403 201 201"}, nothing, _new),
    Row(
        "api-catalog-provider-detail",
        API_IN_SPACE | {"PATCH": "401 404 403 403 200 200", "DELETE": "401 404 403 403 204 204"}, _host, _less_often,
    ),
    Row("api-catalog-provider-refresh", {"POST": "401 404 403 202 202 202"}, _host),
    Row("api-catalog-provider-problems", API_IN_SPACE, _pushed),
    Row("api-catalog-provider-entities", {"PUT": "401 404 403 200 200 200"}, _pushed, _whole),
    Row("api-catalog-provider-entities", {"PATCH": "401 404 403 200 200 200"}, _pushed, _delta),
    Row("api-git-webhook-list", API_SIGNED_IN | {"POST": "401 404 403 403 201 201"}, nothing, _its_hook),
    Row("api-git-webhook-detail", {"DELETE": "401 404 403 403 204 204"}, _hook),
    # Git hosts sign what they send; whoever else calls is nobody, whether or not there is such a webhook.
    Row("git-webhook", {"POST": "401 401 401 401 401 401"}, _nowhere),
]  # fmt: skip
