"""Roles that policies give: they hold until the decision behind them is over. Those given by hand stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.audit import services as audit
from portal.login_policies.decisions import Grant
from portal.login_policies.models import PolicyBinding
from portal.spaces.models import ROOT_SLUG, Binding, Role, Space
from portal.spaces.permissions import ADMIN

GIVER = "login policy"


def is_root_admin(user: User) -> bool:
    """Somebody gave this very person the Admin role at root by hand and for good, so that no policy locks them out.

    SECURITY: what policies or groups of a provider give does not count; it would let a policy free people from itself.
    """
    given = Binding.objects.filter(user=user, space__slug=ROOT_SLUG, role__slug=ADMIN, expires_at__isnull=True)
    return given.filter(policy_binding__isnull=True).exists()


@transaction.atomic
def follow(user: User, grants: Iterable[Grant]) -> list[Grant]:
    """Make what policies give to ``user`` be exactly ``grants``; returns those that name no space or role of ours.

    SECURITY: each ends by itself after the longest life of a session, so that whoever never comes back, or has only
    an API token left, does not keep what a policy once said.
    """
    grants = list(grants)
    if not grants and not PolicyBinding.objects.filter(user=user).exists():
        return []
    User.objects.select_for_update().get(pk=user.pk)
    known, unknown = _found(grants)
    until = timezone.now() + timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
    held = {(row.space_id, row.role_id): row for row in _given(PolicyBinding.objects.filter(user=user))}
    for key, binding in held.items():
        if key not in known:
            _take(binding)
    for key, (space, role) in known.items():
        if key in held:
            Binding.objects.filter(pk=held[key].pk).update(expires_at=until)
            PolicyBinding.objects.filter(binding=held[key]).update(given_at=timezone.now(), until=until)
        elif not Binding.objects.filter(user=user, space=space, role=role).exists():
            _give(user, space, role, until)
    return unknown


@transaction.atomic
def take_from_all(*, but: User | None) -> int:
    """Take away what policies gave to everybody but one; how many roles. The policies have changed."""
    found = _given(PolicyBinding.objects.all() if but is None else PolicyBinding.objects.exclude(user=but))
    for binding in found:
        _take(binding)
    return len(found)


def _found(grants: Iterable[Grant]) -> tuple[dict[tuple[int, int], tuple[Space, Role]], list[Grant]]:
    wanted = sorted(set(grants))
    spaces = {row.slug: row for row in Space.objects.filter(slug__in={space for space, _ in wanted})}
    roles = {row.slug: row for row in Role.objects.filter(slug__in={role for _, role in wanted})}
    unknown = [(space, role) for space, role in wanted if space not in spaces or role not in roles]
    pairs = [(spaces[space], roles[role]) for space, role in wanted if space in spaces and role in roles]
    return {(space.pk, role.pk): (space, role) for space, role in pairs}, unknown


def _given(marks: QuerySet[PolicyBinding]) -> list[Binding]:
    """The bindings that policies gave; one whose end somebody changed by hand is theirs from then on."""
    marks.exclude(binding__expires_at=F("until")).delete()
    return list(Binding.objects.filter(policy_binding__in=marks).select_related("space", "role"))


def _give(user: User, space: Space, role: Role, until: datetime) -> None:
    binding = Binding.objects.create(user=user, space=space, role=role, expires_at=until)
    PolicyBinding.objects.create(binding=binding, user=user, until=until)
    audit.record(
        subject=system(GIVER), action="binding.create", obj=binding, role=role.slug, bound=str(user),
        expires_at=until,
    )  # fmt: skip


def _take(binding: Binding) -> None:
    audit.record(
        subject=system(GIVER), action="binding.delete", obj=binding, role=binding.role.slug, bound=str(binding.bound)
    )
    binding.delete()
