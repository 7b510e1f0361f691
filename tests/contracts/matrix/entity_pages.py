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


ROWS = [
    Row("graph:entity", IN_SPACE, _name),
    Row("api-entity-graph", API_IN_SPACE, _uid),
]
