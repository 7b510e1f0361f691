"""An entity as rows of key and value, which is what filters, orders and facets ask about.

Rules: Backstage's search rows. Keys are paths with dots, lists are transparent, and a text in a list also gives a row
whose key ends in that text. Keys that differ only in case are one key here; Backstage would not serve such an entity.
"""

from __future__ import annotations

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
            rows.setdefault(row[:2], row)
    return list(rows.values())


def conflicting_keys(entity: Entity) -> list[str]:
    """Keys that the entity has in more than one spelling, which are one key to filters; sorted, in lower case."""
    spellings: dict[str, set[str]] = {}
    for key, _value in _pairs(entity):
        spellings.setdefault(key.lower(), set()).add(key)
    return sorted(key for key, spelled in spellings.items() if len(spelled) > 1)


def _pairs(entity: Entity) -> list[tuple[str, Any]]:
    metadata = entity["metadata"]
    pairs: list[tuple[str, Any]] = []
    for key, value in entity.items():
        if key not in _LEFT_OUT and key != "metadata":
            _collect(key, value, pairs)
    for key, value in metadata.items():
        if f"metadata.{key}" not in _LEFT_OUT:
            _collect(f"metadata.{key}", value, pairs)
    pairs.append(("metadata.name", metadata["name"]))
    pairs.append(("metadata.namespace", metadata.get("namespace") or DEFAULT_NAMESPACE))
    pairs.append(("metadata.uid", metadata.get("uid")))
    pairs += [(f"relations.{relation['type']}", relation["targetRef"]) for relation in entity.get("relations", ())]
    return pairs


def _collect(path: str, value: Any, pairs: list[tuple[str, Any]]) -> None:
    # PERF: appends to one list, since a generator in every level costs twice the time.
    if isinstance(value, dict):
        for key, item in value.items():
            _collect(f"{path}.{key}", item, pairs)
    elif isinstance(value, list):
        for item in value:
            _collect(path, item, pairs)
            if isinstance(item, str):
                pairs.append((f"{path}.{item}", True))
    else:
        pairs.append((path, value))


def _row(key: str, value: Any) -> Row | None:
    key = key.lower()
    if _is_too_long(key):
        return None
    if value is None:
        return Row(key, None, None)
    original = value if isinstance(value, str) else value_text(value)
    lowered = original.lower()
    return Row(key, None, None) if _is_too_long(lowered) else Row(key, lowered, original)


def value_text(value: str | float) -> str:
    """A text, number or truth value as a text, as JavaScript writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def _is_too_long(text: str) -> bool:
    """Whether the text has too many UTF-16 units, which is what Backstage counts; a character is one or two of them."""
    if len(text) > _LONGEST:
        return True
    return 2 * len(text) > _LONGEST and not text.isascii() and len(text.encode("utf-16-le")) > 2 * _LONGEST
