"""The chains by which a person has a permission on an object, and everybody who has it.

Found by walking bindings, nested groups and grants one by one, beside ``portal.spaces.access``, which answers in sets;
tests hold that both agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from portal.accounts.models import GroupParent, User
from portal.accounts.subjects import person
from portal.spaces import access
from portal.spaces.models import Binding, Space, SpaceLink
from portal.spaces.permissions import is_reading

HOLDER_KINDS = ["user", "group", "token", "workload"]


@dataclass(frozen=True)
class Chain:
    """One way to a permission. ``steps`` are words from the person to the object; ``way`` says how it gets there.

    ``way`` is ``down`` (a role here or above), ``up`` (reading what an inheriting space inherits from) or ``grant``.
    """

    way: str
    steps: list[str]
    binding: Binding | None = None


@dataclass(frozen=True)
class Answer:
    """May the person do it, by which chains, and if not: why, and who can change that."""

    is_allowed: bool
    chains: list[Chain] = field(default_factory=list)
    refusal: str = ""
    givers: list[str] = field(default_factory=list)


def explain(user: User, permission: str, obj: models.Model) -> Answer:
    """Whether ``user`` may do ``permission`` on ``obj``, and why."""
    space = space_of(obj)
    if not user.is_active:
        return Answer(False, refusal=f"{user} is suspended, so nothing is allowed.", givers=access.root_givers())
    subject = person(user)
    if access.can(subject, permission, obj):
        return Answer(True, chains_of(user, permission, obj))
    givers = access.givers_in(space) if space is not None else access.root_givers()
    return Answer(False, refusal=access.refusal(permission, space, of=str(user)), givers=givers)


def space_of(obj: models.Model) -> Space | None:
    """The space that an object lives in."""
    return access.space_of(obj, access.policy_for(type(obj)))


def chains_of(user: User, permission: str, obj: models.Model) -> list[Chain]:
    """Every chain from a person to a permission on an object."""
    paths = group_paths(user)
    held = Binding.objects.live().filter(Q(user=user) | Q(group__in=list(paths)))
    rows = list(held.select_related("role", "space", "group"))
    space = space_of(obj)
    chains: list[Chain] = []
    if space is not None:
        chains += _by_roles(rows, paths, permission, space)
    return chains + _by_grants(user, paths, permission, obj)


def _by_roles(rows: list[Binding], paths: dict[int, list[str]], permission: str, space: Space) -> list[Chain]:
    above = set(SpaceLink.objects.filter(descendant=space).values_list("ancestor_id", flat=True))
    opening = set(SpaceLink.objects.filter(ancestor=space, is_open=True).values_list("descendant_id", flat=True))
    chains = []
    for row in rows:
        start = [*paths.get(row.group_id or 0, []), f"role {row.role.name} in “{row.space.name}”"]
        if row.expires_at is not None:
            start.append(f"until {row.expires_at:%Y-%m-%d %H:%M} UTC")
        if row.space_id in above and permission in row.role.permissions:
            steps = start if row.space_id == space.pk else [*start, f"holds below it, in “{space.name}”"]
            chains.append(Chain("down", steps, row))
        elif is_reading(permission) and row.space_id in opening:
            words = f"“{row.space.name}” inherits from “{space.name}”, so it may be read"
            chains.append(Chain("up", [*start, words], row))
    return chains


def _by_grants(user: User, paths: dict[int, list[str]], permission: str, obj: models.Model) -> list[Chain]:
    return [
        Chain("grant", [*(paths[group_id] if group_id else []), "granted on this very thing"])
        for user_id, group_id in _granted(permission, obj)
        if user_id == user.pk or group_id in paths
    ]


def _granted(permission: str, obj: models.Model) -> list[tuple[int | None, int | None]]:
    """(user, group) of each grant of a permission on one object."""
    policy = access.policy_for(type(obj))
    target = access.follow(obj, policy.grants_path)
    found: list[tuple[int | None, int | None]] = []
    for table, column in ((policy.user_grants, "user_id"), (policy.group_grants, "group_id")):
        if table is None:
            continue
        rows: Any = table._default_manager.filter(**{policy.grants_key: target}, permission__codename=permission)
        ids = rows.values_list(column, flat=True)
        found += [(pk, None) if column == "user_id" else (None, pk) for pk in ids]
    return found


def group_paths(user: User) -> dict[int, list[str]]:
    """For each group that the person is in, how they come into it: one step for each group on the way."""
    groups = {group.pk: group for group in Group.objects.filter(user=user)}
    paths = {pk: [f"in the group “{group.name}”"] for pk, group in groups.items()}
    fresh = list(paths)
    while fresh:
        edges = GroupParent.objects.filter(child_id__in=fresh).select_related("parent")
        fresh = []
        for edge in edges:
            if edge.parent_id not in paths:
                paths[edge.parent_id] = [*paths[edge.child_id], f"which is in “{edge.parent.name}”"]
                fresh.append(edge.parent_id)
    return paths


@dataclass(frozen=True)
class Holder:
    """A person, group, token or workload who has a permission on an object, and how."""

    name: str
    kind: str
    steps: list[str]


def who_may(permission: str, obj: models.Model) -> list[Holder]:
    """Everybody who has ``permission`` on ``obj``; members of groups are not spelt out."""
    space = space_of(obj)
    holders: list[Holder] = []
    if space is not None:
        holders += _bound(access.who_may(permission, space))
        if is_reading(permission):
            below = SpaceLink.objects.filter(ancestor=space, is_open=True, depth__gt=0).values("descendant_id")
            rows = Binding.objects.live().filter(space_id__in=below)
            holders += _bound(rows.select_related("user", "group", "token", "workload", "role", "space"), up=True)
    for user_id, group_id in _granted(permission, obj):
        holders.append(_granted_holder(user_id, group_id))
    return holders


def _granted_holder(user_id: int | None, group_id: int | None) -> Holder:
    steps = ["granted on this very thing"]
    if user_id is not None:
        return Holder(User.objects.get(pk=user_id).username, "user", steps)
    return Holder(Group.objects.get(pk=group_id or 0).name, "group", steps)


def _bound(rows: Iterable[Binding], *, up: bool = False) -> list[Holder]:
    word = ", which inherits from here" if up else ""
    return [
        Holder(_name_of(row), _kind_of(row), [f"role {row.role.name} in “{row.space.name}”{word}"])
        for row in rows
        if row.user is None or row.user.is_active
    ]


def _name_of(row: Binding) -> str:
    return row.user.username if row.user else row.group.name if row.group else str(row.bound)


def _kind_of(row: Binding) -> str:
    return "user" if row.user else "group" if row.group else "token" if row.token else "workload"
