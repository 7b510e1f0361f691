"""Moving a space with all that hangs from it: every check by name, before and at the move.

A move is tried for real inside a savepoint and looked at from there, so that the preview and the move can not differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Forbidden
from portal.spaces import access
from portal.spaces.models import Space, SpaceLink
from portal.spaces.permissions import Permission
from portal.spaces.tree import lock_tree, rebuild_links

# Gives, for the ids of some spaces, what does not hold there now: each in words that name the thing.
Violations = Callable[[frozenset[int]], list[str]]


@dataclass(frozen=True)
class Invariant:
    """Something that must hold between things of spaces wherever they lie; ``words`` say it."""

    words: str
    violations: Violations


@dataclass(frozen=True)
class MoveCheck:
    """One named check of a move, whether it holds, and what stands against it."""

    words: str
    against: list[str]

    @property
    def holds(self) -> bool:
        """Nothing stands against it."""
        return not self.against


_invariants: list[Invariant] = []


def register_invariant(words: str, violations: Violations) -> None:
    """Declare what a move must not break; called from ``AppConfig.ready()`` of the app that knows."""
    _invariants.append(Invariant(words, violations))


def destinations_for(subject: Subject, space: Space) -> list[Space]:
    """Spaces that ``space`` could be hung under, as far as rights go."""
    if space.is_root or _right_refusals(subject, space):
        return []
    below = SpaceLink.objects.filter(ancestor=space).values("descendant_id")
    found = access.spaces_with(subject, Permission.SPACE_CREATE).exclude(pk__in=below).exclude(children=space)
    return list(found.order_by("name"))


def checks_of_move(subject: Subject, space: Space, parent: Space) -> list[MoveCheck]:
    """Every check of hanging ``space`` under ``parent``, held or not. Changes nothing."""
    rights = _right_refusals(subject, space) + _into_refusals(subject, parent)
    checks = [
        MoveCheck("It is not the root space", ["The root space stays: everything hangs from it."] * space.is_root),
        MoveCheck("It goes to another place", ["It hangs there already."] * (space.parent_id == parent.pk)),
        MoveCheck("It does not go below itself", _loops(space, parent)),
        MoveCheck("You may take it from where it is and put it there", rights),
    ]
    return checks + (_invariants_after(space, parent) if all(check.holds for check in checks) else [])


def _loops(space: Space, parent: Space) -> list[str]:
    is_below = SpaceLink.objects.filter(ancestor=space, descendant=parent).exists()
    return [f"“{parent.name}” lies in “{space.name}”."] if is_below else []


def _right_refusals(subject: Subject, space: Space) -> list[str]:
    # SECURITY: taking a space away ends the power of the admins above it, so their space must be the mover's, too.
    touched = [(Permission.SPACE_UPDATE, space), (Permission.SPACE_UPDATE, space.parent)]
    return [access.refusal(name, place) for name, place in touched if place and not access.may_in(subject, name, place)]


def _into_refusals(subject: Subject, parent: Space) -> list[str]:
    return (
        []
        if access.may_in(subject, Permission.SPACE_CREATE, parent)
        else [access.refusal(Permission.SPACE_CREATE, parent)]
    )


class _Undo(Exception):
    """Ends the savepoint of a preview."""


def _invariants_after(space: Space, parent: Space) -> list[MoveCheck]:
    ids = frozenset(SpaceLink.objects.filter(ancestor=space).values_list("descendant_id", flat=True))
    before = [set(row.violations(ids)) for row in _invariants]
    checks: list[MoveCheck] = []
    try:
        with transaction.atomic():
            lock_tree()
            _hang(space.pk, parent.pk)
            for row, was in zip(_invariants, before, strict=True):
                checks.append(MoveCheck(row.words, sorted(set(row.violations(ids)) - was)))
            raise _Undo
    except _Undo:
        return checks


def _hang(space_id: int, parent_id: int | None) -> None:
    Space.objects.filter(pk=space_id).update(parent_id=parent_id)
    rebuild_links()


@transaction.atomic
def move_space(*, subject: Subject, space: Space, parent: Space) -> Space:
    """Hang ``space`` and all below it under ``parent``. Raises ``Forbidden`` or ``Conflict`` with what is against it.

    Roles given above the old place no longer reach it, those above the new one do; bindings inside move along.
    """
    access.check(subject, Permission.SPACE_UPDATE, space)
    lock_tree()
    space.refresh_from_db()
    if refused := _right_refusals(subject, space) + _into_refusals(subject, parent):
        raise Forbidden(refused[0])
    failed = [check for check in checks_of_move(subject, space, parent) if not check.holds]
    if failed:
        rows = [
            {"field": "parent", "message": f"{check.words}: {words}"} for check in failed for words in check.against
        ]
        raise Conflict(f"“{space.name}” can not move: {failed[0].against[0]}", errors=rows)
    before = space.parent.slug if space.parent else ""
    _hang(space.pk, parent.pk)
    space.refresh_from_db()
    subject.memo.clear()
    audit.record(subject=subject, action="space.move", obj=space, parent=parent.slug, before=before)
    return space
