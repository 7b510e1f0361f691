"""What an entity says about others: each field that names entities gives relations in both directions.

Rules: Backstage's built-in processor. Missing namespaces are the namespace of the entity itself, missing kinds those of
the field; ``dependsOn`` and ``dependencyOf`` have none, so their references must name a kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.entities.kinds import KINDS, KindRegistry, RelationField
from catalog.entities.refs import Entity, EntityRef
from catalog.entities.refusals import Reason, Refusal, Refused, path_of
from portal.lib.errors import Invalid


@dataclass(frozen=True, slots=True)
class Relation:
    """``source`` has the relation ``type`` to ``target``; both are canonical references, and neither need exist."""

    source: str
    type: str
    target: str


def emit(entity: Entity, kinds: KindRegistry = KINDS) -> list[Relation]:
    """The relations that a valid entity gives, in the order of its kind's fields; each once.

    Raises ``Refused`` with every reference that cannot be read.
    """
    kind = kinds.find(entity["kind"], entity["apiVersion"])
    if kind is None:
        return []
    me = EntityRef.of(entity)
    source, spec = str(me), entity["spec"]
    relations: dict[Relation, None] = {}
    refusals: list[Refusal] = []
    for field in kind.relations:
        for path, written in _written(spec, field.field):
            try:
                target = str(_reference(written, field, me.namespace))
            except Invalid as error:
                refusals.append(Refusal(Reason.SCHEMA, path_of(path), f"cannot be read: {error.detail}"))
                continue
            relations[Relation(source, field.type, target)] = None
            relations[Relation(target, field.inverse, source)] = None
    if refusals:
        raise Refused(refusals)
    return list(relations)


def _written(spec: dict[str, Any], field: str) -> Iterator[tuple[list[str | int], Any]]:
    value = spec.get(field)
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield ["spec", field, place], item
    elif value:
        yield ["spec", field], value


def _reference(written: Any, field: RelationField, namespace: str) -> EntityRef:
    if isinstance(written, str):
        return EntityRef.parse(written, default_kind=field.default_kind, default_namespace=namespace)
    parts = written if isinstance(written, dict) else {}
    kind, name = parts.get("kind", field.default_kind), parts.get("name")
    namespace = parts.get("namespace", namespace)
    if not all(isinstance(part, str) and part for part in (kind, namespace, name)):
        raise Invalid('a reference is a text such as "component:default/demo"')
    return EntityRef(str(kind), namespace, str(name))
