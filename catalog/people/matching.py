"""Which account goes with which entity: a pure function over what both say of themselves.

The rules are asked in their order. A rule settles everybody whom it matches: one account and one entity become a link,
more of either become a clash, which is no link and is not mended by a later rule. An entity that a stronger rule speaks
for is nobody's by a weaker one, whoever it then belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from catalog.people.models import Rule

Keys = Mapping[Rule, str]


@dataclass(frozen=True, slots=True)
class Holder:
    """An account or a group, with the text that each rule looks for. A rule without a text matches nothing."""

    kind: str
    pk: int
    label: str
    name: str
    keys: Keys = field(hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A User or Group entity, with the text that each rule looks at."""

    ref: str
    keys: Keys = field(hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """They are the same, because of ``rule``."""

    holder: Holder
    candidate: Candidate
    rule: Rule


@dataclass(frozen=True, slots=True)
class Clash:
    """By ``rule`` all of these have the same ``key``, so none of them is linked."""

    rule: Rule
    key: str
    holders: tuple[Holder, ...]
    candidates: tuple[Candidate, ...]


Row = TypeVar("Row", Holder, Candidate)


@dataclass(slots=True)
class Settled:
    """What the rules say of some accounts and entities of one kind."""

    links: list[Link] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)

    def link_of(self, holder: Holder) -> Link | None:
        """The link of an account or group."""
        return next((link for link in self.links if link.holder == holder), None)

    def clash_of(self, holder: Holder) -> Clash | None:
        """The clash that keeps an account or group from a link."""
        return next((clash for clash in self.clashes if holder in clash.holders), None)

    def link_to(self, ref: str) -> Link | None:
        """The link of an entity."""
        return next((link for link in self.links if link.candidate.ref == ref), None)


def settle(holders: Iterable[Holder], candidates: Iterable[Candidate], rules: Sequence[Rule]) -> Settled:
    """Links and clashes.

    For the answer about one account it is enough to give the entities that match it, and the accounts that match those.
    """
    holders, candidates = list(dict.fromkeys(holders)), list(dict.fromkeys(candidates))
    wanted = {rule: _by_key(holders, rule) for rule in rules}
    offered = {rule: _by_key(_spoken_for(candidates, wanted, rules, rule), rule) for rule in rules}
    found = Settled()
    clashes: dict[tuple[Rule, str], Clash] = {}
    for holder in holders:
        rule = next((rule for rule in rules if offered[rule].get(holder.keys.get(rule, ""))), None)
        if rule is None:
            continue
        key = holder.keys[rule]
        rivals, fitting = wanted[rule][key], offered[rule][key]
        if len(rivals) == len(fitting) == 1:
            found.links.append(Link(holder, fitting[0], rule))
        else:
            clashes.setdefault((rule, key), Clash(rule, key, tuple(rivals), tuple(fitting)))
    found.clashes = list(clashes.values())
    return found


def _by_key(rows: Iterable[Row], rule: Rule) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if key := row.keys.get(rule):
            found.setdefault(key, []).append(row)
    return found


def _spoken_for(
    candidates: Iterable[Candidate],
    wanted: Mapping[Rule, Mapping[str, list[Holder]]],
    rules: Sequence[Rule],
    rule: Rule,
) -> list[Candidate]:
    """The entities for which ``rule`` is the strongest that matches anybody."""
    return [row for row in candidates if row.keys.get(rule) in wanted[rule] and _strongest(row, wanted, rules) == rule]


def overtaken(
    holders: Iterable[Holder], candidates: Iterable[Candidate], rules: Sequence[Rule]
) -> dict[str, tuple[Rule, Holder]]:
    """Of entities that ended up alone: by which rule they fit whom, who has another entity by a stronger one."""
    wanted = {rule: _by_key(holders, rule) for rule in rules}
    return {
        row.ref: (rule, wanted[rule][row.keys[rule]][0])
        for row in candidates
        if (rule := _strongest(row, wanted, rules)) is not None
    }


def _strongest(
    candidate: Candidate, wanted: Mapping[Rule, Mapping[str, list[Holder]]], rules: Sequence[Rule]
) -> Rule | None:
    """The first rule by which an entity matches anybody."""
    return next((rule for rule in rules if candidate.keys.get(rule) in wanted[rule]), None)
