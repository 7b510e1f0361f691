"""Groups that follow a provider: which ones its answer means, and who is in them because of it.

SECURITY: a provider reaches exactly two sorts of groups: its own, found by (provider, value) in ``ProviderGroup``, and
those that an admin's rule names. What a value spells is never looked up among the names of groups.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fnmatch import fnmatchcase

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet

from portal.accounts.models import User
from portal.identity.models import GroupRule, ProviderGroup, ProviderMembership
from portal.spaces.people import SSO_PREFIX

LONGEST_NAME = 150


def group_name(provider_key: str, value: str) -> str:
    """What the group of a value is called. Keys have no slash, so the names of two providers never meet."""
    name = f"{SSO_PREFIX}{provider_key}/{value}".replace("\x00", "")
    if len(name) <= LONGEST_NAME:
        return name
    # Two long values that begin alike are two groups.
    digest = hashlib.sha256(value.encode()).hexdigest()[:16]
    return f"{name[: LONGEST_NAME - 17]}~{digest}"


def names_for(provider_key: str, values: Iterable[str]) -> tuple[str, ...]:
    """The names of the groups that these values of a claim mean: what the rules say, else the value's own group."""
    rules = list(GroupRule.objects.filter(provider_key=provider_key).select_related("group"))
    bound = dict(ProviderGroup.objects.filter(provider_key=provider_key).values_list("value", "group__name"))
    names: list[str] = []
    for value in values:
        ruled = [rule.group.name for rule in rules if fnmatchcase(value, rule.pattern)]
        own = bound.get(value)
        # A group that was made before for the value keeps its members, rules or not.
        names += ruled + ([own] if own else []) or [group_name(provider_key, value)]
    return tuple(dict.fromkeys(names))


def bind_group(provider_key: str, value: str) -> Group:
    """The group of one value of a provider, made where there is none yet."""
    found = ProviderGroup.objects.filter(provider_key=provider_key, value=value).select_related("group").first()
    if found is not None:
        return found.group
    name = group_name(provider_key, value)
    if Group.objects.filter(name=name).exists():
        # SECURITY: somebody else's group has the name; what it may do is not for this provider to give.
        digest = hashlib.sha256(f"{provider_key}/{value}".encode()).hexdigest()[:16]
        name = f"{name[: LONGEST_NAME - 17]}~{digest}"
    group = Group.objects.create(name=name)
    ProviderGroup.objects.create(provider_key=provider_key, value=value, group=group)
    return group


@transaction.atomic
def follow(user: User, provider_key: str, names: Iterable[str], values: Iterable[str]) -> tuple[list[str], list[str]]:
    """Make what ``user`` has from this provider be exactly the groups of ``names``; what was joined and what left.

    Names of ``values`` that have no group yet are made; other names must be of groups that exist: they come from rules
    and gates, which admins wrote. Memberships given by hand stay, and so do those of other providers.
    """
    User.objects.select_for_update().get(pk=user.pk)
    own = {group_name(provider_key, value): value for value in values}
    wanted: dict[int, Group] = {}
    for name in dict.fromkeys(names):
        group = Group.objects.filter(name=name).first() if name not in own else bind_group(provider_key, own[name])
        if group is not None:
            wanted[group.pk] = group
    held = ProviderMembership.objects.filter(user=user, provider_key=provider_key)
    left = _leave(user, held.exclude(group__in=wanted))
    joined = [group.name for group in wanted.values() if _join(user, group, provider_key)]
    return joined, left


def _join(user: User, group: Group, provider_key: str) -> bool:
    others = ProviderMembership.objects.filter(user=user, group=group)
    is_member = user.groups.filter(pk=group.pk).exists()
    if is_member and not others.exists():
        return False  # given by hand, and so not the provider's to take away
    ProviderMembership.objects.get_or_create(user=user, group=group, provider_key=provider_key)
    user.groups.add(group)
    return not is_member


def _leave(user: User, rows: QuerySet[ProviderMembership]) -> list[str]:
    gone = list(rows.select_related("group"))
    rows.filter(pk__in=[row.pk for row in gone]).delete()
    left = []
    for row in gone:
        if not ProviderMembership.objects.filter(user=user, group=row.group).exists():
            user.groups.remove(row.group)
            left.append(row.group.name)
    return left


def leave_provider(provider_key: str) -> None:
    """Take away all that the provider gave: it is deleted, or somebody no longer comes from it."""
    rows = ProviderMembership.objects.filter(provider_key=provider_key).select_related("user", "group")
    for user in User.objects.filter(provider_memberships__in=rows).distinct():
        _leave(user, ProviderMembership.objects.filter(provider_key=provider_key, user=user))


def leave_as(user: User, provider_key: str) -> None:
    """Take away what one person has from one provider."""
    _leave(user, ProviderMembership.objects.filter(Q(user=user, provider_key=provider_key)))


def is_key_used(provider_key: str) -> bool:
    """Does anything here still refer to a provider of this key?"""
    return (
        ProviderGroup.objects.filter(provider_key=provider_key).exists()
        or ProviderMembership.objects.filter(provider_key=provider_key).exists()
        or SocialAccount.objects.filter(provider=provider_key).exists()
    )
