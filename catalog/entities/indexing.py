"""What the database keeps of a served entity, so that filters, orders, facets and lists never open its JSON.

``terms`` are 64-bit hashes of "this key exists" and "this key has this value": any question of the API becomes a
lookup of numbers in one inverted index. ``facts`` are the values in lower case, ``written`` the same as they were
written where that differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from catalog.entities.flatten import flatten
from catalog.entities.refs import DEFAULT_NAMESPACE, Entity

# The keys whose values are counted at every write. They have few values; others are counted when somebody asks.
COUNTED = frozenset(
    {
        "kind", "metadata.namespace", "metadata.tags", "spec.type", "spec.lifecycle", "spec.owner", "spec.system",
        "relations.ownedby", "relations.partof",
    }
)  # fmt: skip
_MOST_TEXT = 500

# What ``words`` holds, so that a search in some of these keys looks there first.
WORDED = frozenset({"metadata.name", "metadata.title", "metadata.description", "spec.profile.displayname"})

Values = dict[str, list[str | None]]


@lru_cache(maxsize=200_000)
def term(key: str, value: str | None = None) -> int:
    """The number that stands for "has ``key``", or for "has ``key`` with ``value``"; both in lower case."""
    text = key if value is None else f"{key}\0{value}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass(slots=True)
class Indexed:
    """The columns of an entity that follow from its served form."""

    terms: list[int]
    facts: Values
    written: Values


def index(served: Entity) -> Indexed:
    """Terms, values in lower case, and values as written."""
    terms: set[int] = set()
    facts: Values = {}
    originals: Values = {}
    changed: set[str] = set()
    for key, value, original in flatten(served):
        if key not in facts:
            terms.add(term(key))
            facts[key], originals[key] = [], []
        if value is not None:
            terms.add(term(key, value))
        facts[key].append(value)
        originals[key].append(original)
        if original != value:
            changed.add(key)
    return Indexed(sorted(terms), facts, {key: originals[key] for key in changed})


def counted(indexed: Indexed) -> list[str]:
    """The ``key=value`` pairs of an entity that are counted; values as they were written."""
    pairs = []
    for key in COUNTED & indexed.facts.keys():
        values = indexed.written.get(key) or indexed.facts[key]
        pairs += [f"{key}={value}" for value in dict.fromkeys(values) if value is not None]
    return pairs


def columns(served: Entity) -> dict[str, Any]:
    """What lists show of an entity."""
    metadata, spec = served["metadata"], served.get("spec") or {}
    relations = served.get("relations", ())
    profile = spec.get("profile")
    shown = profile.get("displayName") if isinstance(profile, dict) else None
    return {
        "kind": served["kind"],
        "namespace": metadata.get("namespace") or DEFAULT_NAMESPACE,
        "name": metadata["name"],
        "kind_key": served["kind"].lower(),
        "name_key": metadata["name"].lower(),
        "title": _text(metadata.get("title") or shown),
        "description": _text(metadata.get("description")),
        "type": _text(spec.get("type")),
        "lifecycle": _text(spec.get("lifecycle")),
        "owner_ref": _target(relations, "ownedBy"),
        "system_ref": _target(relations, "partOf"),
        "tags": metadata.get("tags", []),
        "words": _words(metadata["name"], metadata.get("title"), shown, metadata.get("description")),
    }


def _text(value: object) -> str:
    return value[:_MOST_TEXT] if isinstance(value, str) else ""


def _words(*texts: object) -> str:
    # A line each, so that nothing is found across two of them.
    return "\n".join(text[:_MOST_TEXT].lower() for text in texts if isinstance(text, str))


def _target(relations: Iterable[Mapping[str, str]], type_: str) -> str:
    return next((relation["targetRef"] for relation in relations if relation["type"] == type_), "")
