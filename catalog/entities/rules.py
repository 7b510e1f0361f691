"""Which kinds may come from where: ``catalog.rules`` and the rules of single locations.

Rules: Backstage's. They look at the location where the ingestion began, and only at entities that a file or a Location
gave; one rule that allows is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.entities.globs import glob_matches
from catalog.entities.refs import Entity, LocationRef
from portal.lib.errors import Invalid


@dataclass(frozen=True, slots=True)
class AllowedKind:
    """A kind, and its ``spec.type`` where only one type is allowed; both whatever their case."""

    kind: str
    spec_type: str = ""

    def covers(self, entity: Entity) -> bool:
        """Whether ``entity`` is of this kind and type."""
        if entity["kind"].lower() != self.kind.lower():
            return False
        spec = entity.get("spec")
        type_ = spec.get("type") if isinstance(spec, dict) else None
        return not self.spec_type or (isinstance(type_, str) and type_.lower() == self.spec_type.lower())


@dataclass(frozen=True, slots=True)
class AllowedLocation:
    """A type of locations, and the very target or a pattern of targets where not all are meant."""

    type: str
    exact: str = ""
    pattern: str = ""

    def covers(self, location: LocationRef) -> bool:
        """Whether ``location`` is one of these."""
        if self.type != location.type or (self.exact and self.exact != location.target):
            return False
        return not self.pattern or glob_matches(self.pattern, location.target)


@dataclass(frozen=True, slots=True)
class Rule:
    """Allows ``kinds`` from ``locations``, or from everywhere when there are none."""

    kinds: tuple[AllowedKind, ...]
    locations: tuple[AllowedLocation, ...] | None = None


DEFAULT_RULES = (Rule((AllowedKind("Component"), AllowedKind("API"), AllowedKind("Location"))),)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules together."""

    rules: tuple[Rule, ...] = field(default=DEFAULT_RULES)

    def allow(self, entity: Entity, origin: LocationRef) -> bool:
        """Whether an entity of this kind may come from the ingestion that began at ``origin``."""
        return any(
            any(kind.covers(entity) for kind in rule.kinds)
            for rule in self.rules
            if rule.locations is None or any(location.covers(origin) for location in rule.locations)
        )


def parse_rules(rules: Iterable[Mapping[str, Any]] | None, locations: Iterable[Mapping[str, Any]] = ()) -> Rules:
    """Read the settings ``catalog.rules``, which replace the default ones, and the ``rules`` in ``catalog.locations``.

    Raises ``Invalid`` for a rule that has not the form of Backstage's settings.
    """
    general = DEFAULT_RULES if rules is None else tuple(_rule(rule) for rule in rules)
    special = tuple(_rule_of_location(rule, location) for location in locations for rule in location.get("rules", ()))
    return Rules((*general, *special))


def _rule(rule: Mapping[str, Any]) -> Rule:
    kinds = tuple(_allowed_kind(item) for item in _listed(rule, "allow"))
    return Rule(kinds, tuple(map(_allowed_location, _listed(rule, "locations"))) if "locations" in rule else None)


def _rule_of_location(rule: Mapping[str, Any], location: Mapping[str, Any]) -> Rule:
    target = location["target"]
    exact = str(Path(target).resolve()) if location["type"] == "file" else target
    return Rule(
        tuple(_allowed_kind(item) for item in _listed(rule, "allow")), (AllowedLocation(location["type"], exact),)
    )


def _listed(rule: Mapping[str, Any], key: str) -> list[Any]:
    values = rule.get(key)
    if not isinstance(values, list):
        raise Invalid(f'A catalog rule needs a list in "{key}", as in {{"allow": ["Component", "API"]}}.')
    return values


def _allowed_kind(item: object) -> AllowedKind:
    if isinstance(item, str):
        return AllowedKind(item)
    if isinstance(item, Mapping) and isinstance(item.get("kind"), str):
        return AllowedKind(item["kind"], item.get("spec.type", ""))
    raise Invalid('A catalog rule allows kinds by name, or as {"kind": "Resource", "spec.type": "database"}.')


def _allowed_location(item: object) -> AllowedLocation:
    if not isinstance(item, Mapping) or not isinstance(item.get("type"), str):
        raise Invalid('A location in a catalog rule needs a type, as in {"type": "url", "pattern": "https://host/*"}.')
    if item.get("exact") and item.get("pattern"):
        raise Invalid("A location in a catalog rule has either an exact target or a pattern, not both.")
    return AllowedLocation(item["type"], item.get("exact", ""), item.get("pattern", ""))
