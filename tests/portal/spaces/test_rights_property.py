"""Random worlds: what is listed, what is answered one by one, and what a naive reading of the rules says are equal."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import count

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm

from portal.accounts.models import ApiToken, GroupParent, User
from portal.accounts.subjects import person
from portal.spaces import access
from portal.spaces.models import Binding, Role, Space
from portal.spaces.permissions import is_reading
from portal.spaces.tree import rebuild_links
from scaffolder.stacks.models import Stack
from tests.factories.stacks import make_stack
from tests.portal.spaces.reference_rights import World

pytestmark = pytest.mark.django_db

PERMISSIONS = ["stack:read", "stack:update", "run:trigger", "stack:state-read"]
WORLDS, CASES = 12, 10_000
_numbers = count(1)


class Built:
    """A random world in the database, and the same one in plain names."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.world, self.mark = dice, World(), f"w{next(_numbers)}"
        self.world.readings = {name for name in PERMISSIONS if is_reading(name)}
        self.spaces = self._spaces()
        self.stacks = {f"{self.mark}s{number}": self._stack(f"{self.mark}s{number}") for number in range(12)}
        self.people = [User.objects.create(username=f"{self.mark}p{number}") for number in range(6)]
        self.groups = self._groups()
        self.roles = self._roles()
        self.tokens = [self._token(number) for number in range(4)]
        for _ in range(14):
            self._bind()
        for _ in range(8):
            self._grant()

    def _spaces(self) -> list[Space]:
        root = Space.objects.get(slug="root")
        self.world.parent["root"], self.world.is_open["root"] = None, False
        found = [root]
        for number in range(9):
            parent, is_open = self.dice.choice(found), self.dice.random() < 0.6
            slug = f"{self.mark}-{number}"
            found.append(Space.objects.create(slug=slug, name=slug, parent=parent, is_inheriting=is_open))
            self.world.parent[slug], self.world.is_open[slug] = parent.slug, is_open
        rebuild_links()
        return found

    def _stack(self, slug: str) -> Stack:
        space = self.dice.choice(self.spaces)
        self.world.space_of[slug] = space.slug
        return make_stack(space, slug=slug)

    def _groups(self) -> list[Group]:
        groups = [Group.objects.create(name=f"{self.mark}g{number}") for number in range(6)]
        for child, group in enumerate(groups):
            for parent in groups[child + 1 :]:
                if self.dice.random() < 0.25:
                    GroupParent.objects.create(child=group, parent=parent)
                    self.world.parents_of_group.setdefault(group.name, set()).add(parent.name)
        for user in self.people:
            for group in self.dice.sample(groups, self.dice.randint(0, 2)):
                user.groups.add(group)
                self.world.groups_of.setdefault(user.username, set()).add(group.name)
        return groups

    def _roles(self) -> list[Role]:
        found = list(Role.objects.filter(is_system=True))
        names = self.dice.sample(PERMISSIONS, 2)
        found.append(Role.objects.create(slug=f"{self.mark}-r", name="Composed", permissions=[*names, "space:read"]))
        self.world.permissions |= {role.slug: set(role.permissions) for role in found}
        return found

    def _token(self, number: int) -> ApiToken:
        owner, digest = self.dice.choice(self.people), f"{self.mark}t{number}"
        return ApiToken.objects.create(owner=owner, name=digest, digest=digest, prefix="cbp_test", is_scoped=True)

    def _bind(self) -> None:
        holder = self.dice.choice([*self.people, *self.groups, *self.tokens])
        kind = {User: "user", Group: "group", ApiToken: "token"}[type(holder)]
        name = getattr(holder, "username", "") or holder.name  # type: ignore[union-attr]
        role, space = self.dice.choice(self.roles), self.dice.choice(self.spaces[1:])
        has_expired = self.dice.random() < 0.2
        end = (
            timezone.now() + timedelta(hours=-1 if has_expired else 1)
            if self.dice.random() < 0.5 or has_expired
            else None
        )
        if Binding.objects.filter(role=role, space=space, **{kind: holder}).exists():
            return
        Binding.objects.create(role=role, space=space, expires_at=end, **{kind: holder})
        self.world.bindings.append((name, role.slug, space.slug, has_expired))

    def _grant(self) -> None:
        holder = self.dice.choice([*self.people, *self.groups])
        permission, slug = self.dice.choice(PERMISSIONS), self.dice.choice(list(self.stacks))
        assign_perm(permission, holder, self.stacks[slug])
        name = holder.username if isinstance(holder, User) else holder.name
        self.world.grants.add((name, permission, slug))

    def shake(self) -> None:
        """Move a space, close or open another, take a binding away."""
        space = self.dice.choice(self.spaces[1:])
        places = [place for place in self.spaces if not self.world.is_below(place.slug, space.slug)]
        parent = self.dice.choice(places)
        is_open = self.dice.random() < 0.6
        Space.objects.filter(pk=space.pk).update(parent=parent, is_inheriting=is_open)
        self.world.parent[space.slug], self.world.is_open[space.slug] = parent.slug, is_open
        rebuild_links()
        binding = Binding.objects.filter(space__slug__startswith=self.mark).order_by("pk").first()
        if binding is not None:
            name = getattr(binding.bound, "username", "") or binding.bound.name  # type: ignore[union-attr]
            gone = [row for row in self.world.bindings if row[:3] == (name, binding.role.slug, binding.space.slug)]
            self.world.bindings.remove(gone[0])
            binding.delete()

    def compare(self) -> int:
        """Ask everything three ways; the number of questions asked."""
        asked = 0
        askers: list[tuple[User, ApiToken | None]] = [(user, None) for user in self.people]
        askers += [(token.owner, token) for token in self.tokens if token.owner is not None]
        for user, token in askers:
            subject = person(user, token=token)
            for permission in PERMISSIONS:
                rows = access.visible_to(subject, Stack.objects.filter(slug__in=self.stacks), permission)
                listed = set(rows.values_list("slug", flat=True))
                answered = {slug for slug, stack in self.stacks.items() if access.can(subject, permission, stack)}
                name = token.name if token else None
                told = {slug for slug in self.stacks if self.world.may(user.username, permission, slug, name)}
                assert listed == answered == told, (user, token, permission, self.world)
                asked += len(self.stacks)
        return asked


def test_it_lists_and_answers_as_the_rules_say_in_random_worlds() -> None:
    asked = 0
    for seed in range(WORLDS):
        with transaction.atomic():
            built = Built(random.Random(seed))
            asked += built.compare()
            built.shake()
            asked += built.compare()
            transaction.set_rollback(True)
    assert asked >= CASES
