"""Rows of what hangs on the pages of entities: the graph and what else has addresses of its own."""

from __future__ import annotations

from typing import Any

from tests.contracts.matrix import API_IN_SPACE, IN_SPACE, Row, Stage
from tests.factories.catalog import make_entity


def _entity(stage: Stage) -> Any:
    return stage.once("page entity", lambda: make_entity(stage.cast.space, "lamp"))


def _name(stage: Stage) -> dict[str, Any]:
    entity = _entity(stage)
    return {"kind": entity.kind_key, "namespace": entity.namespace, "name": entity.name}


def _uid(stage: Stage) -> dict[str, Any]:
    return {"uid": str(_entity(stage).uid)}


def _api(stage: Stage) -> dict[str, Any]:
    def make() -> Any:
        spec = {"type": "openapi", "lifecycle": "production", "owner": "team-a", "definition": "openapi: 3.1.0"}
        return make_entity(stage.cast.space, "lamp-api", kind="API", **spec)

    return {"uid": str(stage.once("api", make).uid)}


ROWS = [
    Row("graph:entity", IN_SPACE, _name),
    Row("api-entity-graph", API_IN_SPACE, _uid),
    Row("api-entity-definition", API_IN_SPACE, _api),
]
