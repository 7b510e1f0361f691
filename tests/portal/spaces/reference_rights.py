"""What rights should be, written down naively: no SQL, no closure, one question at a time. For comparison only."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class World:
    """A tree of spaces, groups in groups, bindings and grants, all by plain names."""

    parent: dict[str, str | None] = field(default_factory=dict)
    is_open: dict[str, bool] = field(default_factory=dict)
    groups_of: dict[str, set[str]] = field(default_factory=dict)
    parents_of_group: dict[str, set[str]] = field(default_factory=dict)
    permissions: dict[str, set[str]] = field(default_factory=dict)
    # (holder, role, space, has it expired)
    bindings: list[tuple[str, str, str, bool]] = field(default_factory=list)
    # (holder, permission, thing)
    grants: set[tuple[str, str, str]] = field(default_factory=set)
    space_of: dict[str, str] = field(default_factory=dict)
    readings: set[str] = field(default_factory=set)

    def holders(self, person: str) -> set[str]:
        """The person and every group that they are in, through however many groups."""
        found, fresh = {person}, set(self.groups_of.get(person, set()))
        while fresh:
            found |= fresh
            fresh = {up for group in fresh for up in self.parents_of_group.get(group, set())} - found
        return found

    def is_below(self, space: str, above: str) -> bool:
        """Does ``space`` lie in ``above``, or is it the same?"""
        place: str | None = space
        while place is not None:
            if place == above:
                return True
            place = self.parent[place]
        return False

    def opens_up_to(self, space: str, above: str) -> bool:
        """Does every hop from ``space`` up to ``above`` inherit?"""
        place = space
        while place != above:
            up = self.parent[place]
            if up is None or not self.is_open[place]:
                return False
            place = up
        return True

    def holds(self, holders: set[str], permission: str, space: str) -> bool:
        """Roles flow down whole subtrees; any role in a space also lets read what it inherits from."""
        for who, role, where, has_expired in self.bindings:
            if who not in holders or has_expired:
                continue
            if permission in self.permissions[role] and self.is_below(space, where):
                return True
            if permission in self.readings and self.opens_up_to(where, space):
                return True
        return False

    def may(self, person: str, permission: str, thing: str, token: str | None = None) -> bool:
        """May ``person`` do ``permission`` on ``thing``, with all rights or through a token of theirs with roles?"""
        holders, space = self.holders(person), self.space_of[thing]
        if token is not None:
            return self.holds(holders, permission, space) and self.holds({token}, permission, space)
        return self.holds(holders, permission, space) or any((who, permission, thing) in self.grants for who in holders)
