"""Verbs on accounts, for whoever provisions."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from scim2_models.exceptions import InvalidValueException, UniquenessException

from portal.accounts.models import ApiToken, User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.scim.models import Record
from portal.scim.policies import check_provision
from portal.scim.shapes import facts_from, primary_email, shown_name
from portal.sessions.models import BrowserSession
from portal.spaces.lockout import check_root_admin_remains
from portal.spaces.models import Binding
from portal.spaces.shapes import clean


def records(subject: Subject) -> QuerySet[Record]:
    """The accounts that provisioning knows of.

    SECURITY: accounts with a password of their own were made here by hand; a provider neither sees nor ends them.
    Those that came in through single sign-on get their record when they are first looked for.
    """
    check_provision(subject)
    _adopt()
    found = Record.objects.filter(is_deleted=False).exclude(user=None)
    return found.select_related("user").prefetch_related("user__groups__scim_record").order_by("pk")


def _adopt() -> None:
    """Give a record to every account that came in from outside and has none yet."""
    fresh = User.objects.filter(scim_record=None, password__startswith="!")  # noqa: S106 (Django's mark, no password)
    Record.objects.bulk_create([Record(user=user) for user in fresh], ignore_conflicts=True)


@transaction.atomic
def create_user(subject: Subject, resource: Any) -> Record:
    """Make an account, or give one back that the provider deleted before. Raises ``UniquenessException``."""
    check_provision(subject)
    name = _checked_name(resource)
    user = User.objects.filter(username__iexact=name).select_related("scim_record").first()
    if user is not None:
        record: Record | None = getattr(user, "scim_record", None)
        if record is None or not record.is_deleted:
            raise UniquenessException(detail=f"There is an account “{name}” already.")
        record.is_deleted, record.version = False, record.version + 1
    else:
        user = User(username=name)
        user.set_unusable_password()
        record = Record(user=user)
    user.is_active = True
    _fill(user, resource)
    user.save()
    record.user = user
    _keep(record, resource)
    audit.record(subject=subject, action="user.provision", obj=user, email=user.email, active=user.is_active)
    return record


@transaction.atomic
def update_user(subject: Subject, record: Record, resource: Any) -> Record:
    """Make an account what the resource says; ``active: false`` ends its sessions and tokens at once."""
    check_provision(subject)
    user = record.user
    assert user is not None  # noqa: S101 (records of this kind have one)
    name = _checked_name(resource)
    if User.objects.filter(username__iexact=name).exclude(pk=user.pk).exists():
        raise UniquenessException(detail=f"There is an account “{name}” already.")
    was_active = user.is_active
    user.username = name
    _fill(user, resource)
    user.save()
    if was_active and not user.is_active:
        BrowserSession.objects.filter(user=user).delete()
        check_root_admin_remains()
    record.version += 1
    _keep(record, resource, tells_active=resource.active is not None)
    audit.record(
        subject=subject, action="user.provision", obj=user, email=user.email, active=user.is_active,
        was_active=was_active,
    )  # fmt: skip
    return record


@transaction.atomic
def delete_user(subject: Subject, record: Record) -> None:
    """End an account: suspended, signed out, out of all groups, without roles and tokens. Its name stays taken."""
    check_provision(subject)
    user = record.user
    assert user is not None  # noqa: S101 (records of this kind have one)
    user.is_active = False
    user.save(update_fields=["is_active"])
    BrowserSession.objects.filter(user=user).delete()
    roles = [str(row) for row in Binding.objects.filter(user=user)]
    Binding.objects.filter(user=user).delete()
    ApiToken.objects.filter(owner=user).delete()
    user.groups.clear()
    check_root_admin_remains()
    record.is_deleted = True
    record.facts, record.external_id, record.version = {}, "", record.version + 1
    record.save()
    audit.record(subject=subject, action="user.deprovision", obj=user, roles=roles)


def _checked_name(resource: Any) -> str:
    name = str(resource.user_name or "").strip()
    if not name or len(name) > 150 or any(not letter.isprintable() for letter in name):
        raise InvalidValueException(detail="userName is needed: at most 150 characters, none of them a control one.")
    return name


def _fill(user: User, resource: Any) -> None:
    user.display_name, user.email = shown_name(resource), primary_email(resource)
    # SECURITY: what does not say “active” neither suspends nor lets in again.
    if resource.active is not None:
        user.is_active = bool(resource.active)
    clean(user)


def _keep(record: Record, resource: Any, *, tells_active: bool = True) -> None:
    record.external_id = str(resource.external_id or "")[:300]
    record.facts = facts_from(resource) | ({} if tells_active else {"active": None})
    record.save()
