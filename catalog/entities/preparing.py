"""What happens to a document before it is judged: namespace, order of references, values that JSON knows."""

from __future__ import annotations

import math
from typing import Any

from catalog.entities.kinds import KINDS, KindRegistry
from catalog.entities.refs import DEFAULT_NAMESPACE, Entity

# Backstage sorts these in entities of every kind, so that a source without a stable order causes no changes.
_SORTED_FIELDS = ("providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members")


def prepare(document: Entity, kinds: KindRegistry = KINDS) -> Entity:
    """A copy with a namespace, with sorted lists of references, and without numbers that JSON does not know.

    The envelope of ``document`` must be valid.
    """
    entity: Entity = json_value(document)
    entity["metadata"].setdefault("namespace", DEFAULT_NAMESPACE)
    spec = entity.get("spec")
    if isinstance(spec, dict):
        _sort_references(spec, _sorted_fields(entity, kinds))
    return entity


def _sorted_fields(entity: Entity, kinds: KindRegistry) -> dict[str, None]:
    kind = kinds.find(entity["kind"], entity["apiVersion"])
    declared = [field.field for field in kind.relations] if kind else []
    return dict.fromkeys([*_SORTED_FIELDS, *declared])


def _sort_references(spec: dict[str, Any], fields: dict[str, None]) -> None:
    for name in fields:
        value = spec.get(name)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value.sort(key=_utf_16_units)


def _utf_16_units(text: str) -> bytes:
    """What JavaScript compares texts by."""
    return text.encode("utf-16-be")


def json_value(value: Any) -> Any:
    """A copy of ``value`` as JSON would carry it: infinities and not-a-number become ``None``."""
    if isinstance(value, dict):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
