"""Verbs on identity providers and on the rules of their groups. All of them need ``identity:manage`` at root."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db import transaction

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.identity import groups
from portal.identity.configured import RESERVED_KEYS, directories, from_settings, provider_with
from portal.identity.models import GroupRule, IdentityProvider, ProviderGroup, ProviderSession
from portal.identity.policies import check_manage, check_rules
from portal.identity.shapes import check_shape, wrong
from portal.lib.errors import Conflict, NotFound
from portal.spaces.lockout import check_root_admin_remains
from portal.spaces.shapes import clean

# What never goes into the audit trail, beside what its own rules hide.
_UNTOLD = {"client_secret", "idp_certificates"}
# The fields that say whose ids the accounts are connected by.
_WHO_IT_IS = ("server", "idp_entity_id")


def get_provider(subject: Subject, key: str) -> IdentityProvider:
    """A provider of the settings or of the table, for whoever may manage them."""
    check_manage(subject)
    found = provider_with(key)
    if found is None:
        raise NotFound(f"There is no identity provider “{key}”.")
    return found


def get_source(subject: Subject, key: str) -> IdentityProvider:
    """Like ``get_provider``; also the directory and the proxy, which have groups and rules but nothing else here."""
    check_manage(subject)
    found = next((row for row in directories() if row.key == key), None)
    return found or get_provider(subject, key)


@transaction.atomic
def create_provider(*, subject: Subject, key: str, kind: str, **values: Any) -> IdentityProvider:
    """Add a way in. It is off limits for newcomers unless ``join`` says who may."""
    check_manage(subject)
    provider = IdentityProvider(key=key.strip(), kind=kind, **values)
    if provider.key in RESERVED_KEYS:
        raise wrong("key", f"“{provider.key}” has a meaning of its own; choose another key.")
    if any(row.key == provider.key for row in from_settings()):
        raise wrong("key", "A provider of the settings has this key.")
    if groups.is_key_used(provider.key):
        raise wrong("key", "Groups or accounts of an earlier provider still have this key; choose another one.")
    clean(provider)
    check_shape(provider)
    provider.save()
    audit.record(subject=subject, action="identity_provider.create", obj=provider, **_told(values), kind=kind)
    return provider


@transaction.atomic
def update_provider(*, subject: Subject, provider: IdentityProvider, **values: Any) -> IdentityProvider:
    """Change a provider; an empty secret keeps the one that is stored. Key and kind stay for ever."""
    check_manage(subject)
    _check_row(provider)
    if not values.get("client_secret", "x"):
        values.pop("client_secret")
    before = {field: getattr(provider, field) for field in _WHO_IT_IS}
    for field, value in values.items():
        setattr(provider, field, value)
    clean(provider)
    check_shape(provider)
    _check_same_people(provider, before)
    provider.save(update_fields=list(values))
    if not provider.is_enabled:
        ProviderSession.objects.filter(provider_key=provider.key).delete()
    audit.record(subject=subject, action="identity_provider.update", obj=provider, **_told(values))
    return provider


@transaction.atomic
def delete_provider(*, subject: Subject, provider: IdentityProvider) -> None:
    """Delete a provider with its connections, the memberships that it gave, its rules and its groups' ties.

    SECURITY: were the connected accounts kept, a later provider of the same key could sign in to them.
    """
    check_manage(subject)
    _check_row(provider)
    accounts = SocialAccount.objects.filter(provider=provider.key)
    audit.record(
        subject=subject, action="identity_provider.delete", obj=provider, connections=accounts.count(),
        groups=list(ProviderGroup.objects.filter(provider_key=provider.key).values_list("group__name", flat=True)),
    )  # fmt: skip
    groups.leave_provider(provider.key)
    accounts.delete()
    ProviderSession.objects.filter(provider_key=provider.key).delete()
    GroupRule.objects.filter(provider_key=provider.key).delete()
    Group.objects.filter(provider_group__provider_key=provider.key).delete()
    provider.delete()
    check_root_admin_remains()


@transaction.atomic
def add_rule(*, subject: Subject, provider: IdentityProvider, pattern: str, group: Group) -> GroupRule:
    """Whoever has a claim value that fits ``pattern`` is in ``group`` from then on. Needs ``group:manage``, too."""
    check_rules(subject)
    rule = GroupRule(provider_key=provider.key, pattern=pattern.strip(), group=group, created_by=subject.user)
    if not rule.pattern:
        raise wrong("pattern", "Give a value of the claim, or a pattern such as “team-*”.")
    other = ProviderGroup.objects.filter(group=group).first()
    if other is not None and other.provider_key != provider.key:
        raise wrong("group", "This group belongs to another provider, which alone says who is in it.")
    if GroupRule.objects.filter(provider_key=provider.key, pattern=rule.pattern, group=group).exists():
        raise wrong("pattern", "There is such a rule already.")
    clean(rule)
    rule.save()
    audit.record(
        subject=subject, action="identity_rule.create", obj=rule, provider=provider.key, group=group.name,
        pattern=rule.pattern,
    )  # fmt: skip
    return rule


@transaction.atomic
def delete_rule(*, subject: Subject, rule: GroupRule) -> None:
    """Take a rule away; memberships end at the next sign-in or look of their people."""
    check_rules(subject)
    audit.record(subject=subject, action="identity_rule.delete", obj=rule, provider=rule.provider_key)
    rule.delete()


@transaction.atomic
def add_provider_group(*, subject: Subject, provider: IdentityProvider, value: str) -> Group:
    """Make the group of a claim value before its first member signs in, so that it can be given roles."""
    check_rules(subject)
    value = value.strip()
    if not value:
        raise wrong("value", "Give a value of the claim.")
    is_new = not ProviderGroup.objects.filter(provider_key=provider.key, value=value).exists()
    group = groups.bind_group(provider.key, value)
    if is_new:
        audit.record(subject=subject, action="group.create", obj=group, provider=provider.key, value=value)
    return group


def _check_same_people(provider: IdentityProvider, before: dict[str, str]) -> None:
    """SECURITY: another issuer gives the same ids to other people, who would then sign in to the accounts of these."""
    moved = [field for field, value in before.items() if value and getattr(provider, field) != value]
    if moved and SocialAccount.objects.filter(provider=provider.key).exists():
        raise wrong(moved[0], "People are connected through it, and another provider may mean others by their ids. Add"
                              " a new provider instead.")  # fmt: skip


def _check_row(provider: IdentityProvider) -> None:
    if provider.is_from_settings:
        raise Conflict("This provider comes from the settings; operators change it there.")


def _told(values: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in values.items() if name not in _UNTOLD}
    if values.get("client_secret"):
        told["has_new_secret"] = True
    return told
