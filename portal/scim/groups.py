"""Verbs on groups, for whoever provisions. Their names begin with ``scim:``, and only SCIM says who is in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from scim2_models.exceptions import InvalidValueException, UniquenessException

from portal.accounts.models import GroupParent
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.scim.models import Record
from portal.scim.policies import check_provision
from portal.scim.shapes import DISPLAYS, PREFIX, facts_from
from portal.spaces.lockout import check_root_admin_remains
from portal.spaces.people import groups_below


def records(subject: Subject) -> QuerySet[Record]:
    """The provider's groups."""
    check_provision(subject)
    return Record.objects.filter(is_deleted=False).exclude(group=None).select_related("group").order_by("pk")


@transaction.atomic
def create_group(subject: Subject, resource: Any) -> Record:
    """Make a group with its members. Raises ``UniquenessException`` or ``InvalidValueException``."""
    check_provision(subject)
    name = _checked_name(resource)
    if Group.objects.filter(name__iexact=name).exists():
        raise UniquenessException(detail=f"There is a group “{resource.display_name}” already.")
    group = Group.objects.create(name=name)
    record = Record(group=group)
    _keep(record, resource)
    joined, left = _set_members(group, resource.members or [])
    audit.record(subject=subject, action="group.provision", obj=group, joined=joined, left=left)
    return record


@transaction.atomic
def update_group(subject: Subject, record: Record, resource: Any) -> Record:
    """Make a group what the resource says."""
    check_provision(subject)
    group = record.group
    assert group is not None  # noqa: S101 (records of this kind have one)
    name = _checked_name(resource)
    if Group.objects.filter(name__iexact=name).exclude(pk=group.pk).exists():
        raise UniquenessException(detail=f"There is a group “{resource.display_name}” already.")
    if group.name != name:
        group.name = name
        group.save(update_fields=["name"])
    record.version += 1
    _keep(record, resource)
    joined, left = _set_members(group, resource.members or [])
    check_root_admin_remains()
    audit.record(subject=subject, action="group.provision", obj=group, joined=joined, left=left)
    return record


@transaction.atomic
def delete_group(subject: Subject, record: Record) -> None:
    """Delete a group with the roles that it gave."""
    check_provision(subject)
    group = record.group
    assert group is not None  # noqa: S101 (records of this kind have one)
    roles = [str(row) for row in group.bindings.all()]
    audit.record(subject=subject, action="group.deprovision", obj=group, roles=roles)
    group.delete()
    check_root_admin_remains()


def _checked_name(resource: Any) -> str:
    name = str(resource.display_name or "").strip()
    if not name or len(name) > 140 or any(not letter.isprintable() for letter in name):
        message = "displayName is needed: at most 140 characters, none of them a control one."
        raise InvalidValueException(detail=message)
    return PREFIX + name


def _keep(record: Record, resource: Any) -> None:
    record.external_id = str(resource.external_id or "")[:300]
    displays = {str(row.value): row.display for row in resource.members or [] if row.value and row.display}
    kept = {name: value for name, value in facts_from(resource).items() if name != "displayName"}
    record.facts = kept | ({DISPLAYS: displays} if displays else {})
    record.save()


def _set_members(group: Group, members: Iterable[Any]) -> tuple[int, int]:
    """Let exactly these be members, in a few statements however many they are. How many joined and left."""
    found = _records_of(members)
    people = {row.user_id for row in found if row.user_id is not None}
    children = {row.group_id for row in found if row.group_id is not None}
    had = set(group.user_set.filter(scim_record__is_deleted=False).values_list("pk", flat=True))
    group.user_set.add(*(people - had))
    group.user_set.remove(*(had - people))
    nested = set(
        GroupParent.objects.filter(parent=group, child__scim_record__isnull=False).values_list("child_id", flat=True)
    )
    for child in Group.objects.filter(pk__in=children - nested):
        if child == group or group.pk in groups_below(child):
            raise InvalidValueException(detail=f"“{child.name}” has this group in it already, so it can not be in it.")
        GroupParent.objects.create(child=child, parent=group)
    GroupParent.objects.filter(parent=group, child_id__in=nested - children).delete()
    return len(people - had) + len(children - nested), len(had - people) + len(nested - children)


def _records_of(members: Iterable[Any]) -> list[Record]:
    wanted = [str(member.value or "") for member in members]
    uids = set()
    for text in wanted:
        try:
            uids.add(uuid.UUID(text))
        except ValueError as error:
            raise InvalidValueException(detail=f"There is no member “{text[:60]}”.") from error
    found = list(Record.objects.filter(uid__in=uids, is_deleted=False))
    missing = uids - {row.uid for row in found}
    if missing:
        raise InvalidValueException(detail=f"There is no member “{min(map(str, missing))}”.")
    return found
