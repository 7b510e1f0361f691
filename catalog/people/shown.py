"""Links as pages and endpoints show them: entities by name only to whoever may see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.urls import reverse

from catalog.entities.models import Entity
from catalog.entities.querysets import visible_entities
from catalog.people.links import Everything, everything
from catalog.people.matching import Clash, Holder
from catalog.people.models import Rule
from catalog.people.policies import check_manage
from catalog.people.reading import USER
from portal.accounts.subjects import Subject
from portal.spaces import access

CLASH, LINKED, ALONE = STATES = ("clash", "linked", "alone")
WORDS = {Rule.ANNOTATION: "annotation", Rule.EMAIL: "e-mail address", Rule.NAME: "name"}


@dataclass(frozen=True)
class Shown:
    """One row: accounts or groups, entities, and how they belong together or why they do not."""

    state: str
    holders: tuple[Holder, ...]
    refs: tuple[str, ...]
    rule: Rule | None = None
    reason: str = ""

    @property
    def rule_words(self) -> str:
        """The rule as people call it."""
        return WORDS[self.rule] if self.rule else ""

    def fits(self, text: str) -> bool:
        """Does a search find the row?"""
        said = [self.reason, *self.refs, *(word for holder in self.holders for word in (holder.name, holder.label))]
        return any(text in word.lower() for word in said)


def holder_url(holder: Holder) -> str:
    """The page of an account or a group."""
    if holder.kind == USER:
        return reverse("people:person", args=[holder.name])
    return reverse("people:group", args=[holder.pk])


def rows_for(subject: Subject, kind: str) -> list[Shown]:
    """All of ``kind``: what needs an admin first, then the links, then who and what is left over.

    SECURITY: whoever manages people need not see every space, so entities that they do not see are left out here,
    before anything is counted or searched.
    """
    check_manage(subject)
    found = everything(kind)
    seen: Collection[str] | None = None
    if access.visibility(subject, Entity) is not None:
        seen = set(visible_entities(subject).filter(kind_key=kind).values_list("ref", flat=True))
    return [*_settled(found, seen), *_left_over(found, seen)]


def _seen(refs: Sequence[str], seen: Collection[str] | None) -> tuple[str, ...]:
    return tuple(ref for ref in refs if seen is None or ref in seen)


def _settled(found: Everything, seen: Collection[str] | None) -> list[Shown]:
    clashes = [
        Shown(CLASH, clash.holders, _seen([row.ref for row in clash.candidates], seen), clash.rule, reason_of(clash))
        for clash in found.settled.clashes
    ]
    links = [
        Shown(LINKED, (link.holder,), _seen([link.candidate.ref], seen), link.rule) for link in found.settled.links
    ]
    return clashes + links


def _left_over(found: Everything, seen: Collection[str] | None) -> list[Shown]:
    people = [Shown(ALONE, (holder,), (), reason="No entity fits by any rule.") for holder in found.holders]
    return people + [Shown(ALONE, (), (ref,), reason=_why_alone(found, ref)) for ref in _seen(found.refs, seen)]


def _why_alone(found: Everything, ref: str) -> str:
    if ref not in found.overtaken:
        return "It fits nobody here by any rule."
    rule, holder = found.overtaken[ref]
    return f"It has the {WORDS[rule]} of {holder.name}, who is another entity by a stronger rule."


def reason_of(clash: Clash) -> str:
    """Why there is no link."""
    sides = []
    if len(clash.candidates) > 1:
        sides.append(f"{len(clash.candidates)} entities")
    if len(clash.holders) > 1:
        sides.append(f"{len(clash.holders)} {'accounts' if clash.holders[0].kind == USER else 'groups'}")
    return f"{' and '.join(sides)} have the same {WORDS[clash.rule]}: {clash.key}"
