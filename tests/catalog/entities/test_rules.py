"""Which kinds may come from where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.entities.refs import LocationRef
from catalog.entities.rules import Rules, parse_rules
from portal.lib.errors import Invalid
from tests.catalog.entities.samples import entity

URL = LocationRef("url", "https://github.com/org/repo/blob/master/a.yaml")


@pytest.mark.parametrize(
    ("kind", "allowed"), [("Component", True), ("API", True), ("Location", True), ("User", False), ("Template", False)]
)
def test_it_allows_few_kinds_by_default(kind: str, allowed: bool) -> None:
    assert Rules().allow(entity(kind), URL) is allowed
    assert parse_rules(None).allow(entity(kind), URL) is allowed


def test_it_replaces_the_default_rules() -> None:
    rules = parse_rules([{"allow": ["user", {"kind": "Resource", "spec.type": "DATABASE"}]}])
    assert rules.allow(entity("User"), URL)
    assert rules.allow(entity("Resource"), URL)
    assert not rules.allow(entity("Resource", type="bucket"), URL)
    assert not rules.allow(entity("Resource", type=5), URL)
    assert not rules.allow({**entity("Resource"), "spec": None}, URL)
    assert not rules.allow(entity("Component"), URL)
    assert not parse_rules([]).allow(entity("Component"), URL)


@pytest.mark.parametrize(
    ("location", "allowed"),
    [
        ({"type": "url", "pattern": "https://github.com/ORG/*/blob/**"}, True),
        ({"type": "url", "exact": URL.target}, True),
        ({"type": "url"}, True),
        ({"type": "url", "exact": "https://other"}, False),
        ({"type": "file", "pattern": "**"}, False),
        ({"type": "url", "pattern": "https://gitlab.com/**"}, False),
    ],
)
def test_it_allows_from_some_places(location: dict[str, str], allowed: bool) -> None:
    assert parse_rules([{"allow": ["User"], "locations": [location]}]).allow(entity("User"), URL) is allowed


def test_it_adds_rules_of_single_locations(tmp_path: Path) -> None:
    file = tmp_path / "users.yaml"
    rules = parse_rules(
        None, [{"type": "file", "target": str(tmp_path / "x" / ".." / "users.yaml"), "rules": [{"allow": ["User"]}]}]
    )
    assert rules.allow(entity("User"), LocationRef("file", str(file)))
    assert not rules.allow(entity("User"), LocationRef("file", "/other.yaml"))
    assert rules.allow(entity("Component"), URL)


def test_it_allows_from_nowhere_when_the_places_are_empty() -> None:
    assert not parse_rules([{"allow": ["User"], "locations": []}]).allow(entity("User"), URL)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"allow": "User"},
        {"allow": [5]},
        {"allow": [{"spec.type": "x"}]},
        {"allow": ["User"], "locations": ["https://h"]},
        {"allow": ["User"], "locations": [{"pattern": "x"}]},
        {"allow": ["User"], "locations": [{"type": "url", "exact": "a", "pattern": "b"}]},
    ],
)
def test_it_refuses_other_settings(rule: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        parse_rules([rule])
