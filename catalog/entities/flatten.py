"""An entity as rows of key and value, which is what filters, orders and facets ask about.

Rules: Backstage's search rows. Keys are paths with dots, lists are transparent, and a text in a list also gives a row
whose key ends in that text. Keys that differ only in case are one key here; Backstage would not serve such an entity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from catalog.entities.refs import DEFAULT_NAMESPACE, Entity
from portal.lib.yaml import number_text

_LEFT_OUT = frozenset(
    {"attachments", "relations", "status", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.etag"}
)
# Longer keys have no row; longer values have one without a value, so that they exist but equal nothing.
_LONGEST = 200


class Row(NamedTuple):
    """``key`` and ``value`` in lower case, and as written; both values are ``None`` for null and long ones."""

    key: str
    value: str | None
    original: str | None


def flatten(entity: Entity) -> list[Row]:
    """The rows of a served entity, each pair of key and value once."""
    rows: dict[tuple[str, str | None], Row] = {}
    for key, value in _pairs(entity):
        row = _row(key, value)
        if row is not None:
            rows.setdefault((row.key, row.value), row)
    return list(rows.values())


def conflicting_keys(entity: Entity) -> list[str]:
    """Keys that the entity has in more than one spelling, which are one key to filters; sorted, in lower case."""
    spellings: dict[str, set[str]] = {}
    for key, _value in _pairs(entity):
        spellings.setdefault(key.lower(), set()).add(key)
    return sorted(key for key, spelled in spellings.items() if len(spelled) > 1)


def _pairs(entity: Entity) -> Iterator[tuple[str, Any]]:
    yield from _visited("", entity)
    metadata = entity["metadata"]
    yield "metadata.name", metadata["name"]
    yield "metadata.namespace", metadata.get("namespace") or DEFAULT_NAMESPACE
    yield "metadata.uid", metadata.get("uid")
    for relation in entity.get("relations", ()):
        yield f"relations.{relation['type']}", relation["targetRef"]


def _visited(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if path in _LEFT_OUT:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _visited(f"{path}.{key}" if path else key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _visited(path, item)
            if isinstance(item, str):
                yield f"{path}.{item}", True
    else:
        yield path, value


def _row(key: str, value: Any) -> Row | None:
    key = key.lower()
    if _length(key) > _LONGEST:
        return None
    if value is None:
        return Row(key, None, None)
    original = value_text(value)
    lowered = original.lower()
    return Row(key, lowered, original) if _length(lowered) <= _LONGEST else Row(key, None, None)


def value_text(value: str | float) -> str:
    """A text, number or truth value as a text, as JavaScript writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def _length(text: str) -> int:
    """The length in UTF-16 units, which is what Backstage measures."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
