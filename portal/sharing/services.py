"""Verbs and reads on grants. The rows are guardian's; ``portal.spaces.access`` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as ModelPermission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.permissions import Permission, words_for

GRANTEE_KINDS = ["user", "group"]


@dataclass(frozen=True)
class Grant:
    """What one person or group may do with one thing by being granted it."""

    kind: str
    name: str
    permissions: list[str]

    @property
    def words(self) -> list[str]:
        """The permissions as people read them."""
        return [words_for(name) for name in self.permissions]


def shareable(obj: models.Model) -> list[str]:
    """Names of the permissions that can be granted on ``obj``; none for kinds that are not shared one by one."""
    policy = access.policy_for(type(obj))
    if policy.user_grants is None or policy.grants_path != "pk":
        return []
    return [name for name, _ in type(obj)._meta.permissions]


def share_refusal(subject: Subject, obj: models.Model) -> str:
    """Why ``subject`` may not share ``obj``; empty where it may."""
    space = access.space_of(obj, access.policy_for(type(obj)))
    if not shareable(obj):
        return f"A {obj._meta.verbose_name} is not shared by itself; give a role in its space."
    if space is None or not access.may_in(subject, Permission.BINDING_MANAGE, space):
        return access.refusal(Permission.BINDING_MANAGE, space)
    return ""


def _check_may_share(subject: Subject, obj: models.Model) -> None:
    access.check(subject, access.policy_for(type(obj)).read, obj)
    if refusal := share_refusal(subject, obj):
        raise Forbidden(refusal, permission=str(Permission.BINDING_MANAGE))


def grants_on(subject: Subject, obj: models.Model) -> list[Grant]:
    """Who has what on ``obj`` by grants, people first. Needs ``binding:manage`` in its space."""
    _check_may_share(subject, obj)
    policy = access.policy_for(type(obj))
    found: dict[tuple[str, str], list[str]] = {}
    for kind, table, name in (
        ("user", policy.user_grants, "user__username"),
        ("group", policy.group_grants, "group__name"),
    ):
        if table is not None:
            rows: Any = table._default_manager.filter(content_object_id=obj.pk)
            for who, permission in rows.order_by(name).values_list(name, "permission__codename"):
                found.setdefault((kind, who), []).append(permission)
    return [Grant(kind, who, sorted(names)) for (kind, who), names in found.items()]


@transaction.atomic
def share(
    *,
    subject: Subject,
    obj: models.Model,
    permissions: Sequence[str],
    user: User | None = None,
    group: Group | None = None,
) -> None:
    """Grant permissions on one thing to a person or a group; reading is always among them.

    Needs ``binding:manage`` in the thing's space and every granted permission: nobody gives what they do not have.
    """
    _check_may_share(subject, obj)
    if (user is None) == (group is None):
        raise _wrong("who", "Name a person or a group.")
    names = _known(obj, permissions)
    for name in names:
        if not access.can(subject, name, obj):
            raise Forbidden(f"You may not grant {name} here: you do not have it yourself.", permission=name)
    table, column, who = _table(obj, user, group)
    for name in names:
        row: dict[str, Any] = {column: who, "permission": _model_permission(obj, name), "content_object_id": obj.pk}
        table._default_manager.get_or_create(**row)
    audit.record(subject=subject, action="grant.create", obj=obj, granted_to=str(who), permissions=names)
    subject.memo.clear()


@transaction.atomic
def unshare(*, subject: Subject, obj: models.Model, user: User | None = None, group: Group | None = None) -> None:
    """Take everything back that a person or a group was granted on one thing; holds on their next request."""
    _check_may_share(subject, obj)
    if (user is None) == (group is None):
        raise _wrong("who", "Name a person or a group.")
    table, column, who = _table(obj, user, group)
    removed, _ = table._default_manager.filter(content_object_id=obj.pk, **{column: who}).delete()
    if not removed:
        raise NotFound(f"Nothing is granted to {who} here.")
    audit.record(subject=subject, action="grant.delete", obj=obj, granted_to=str(who))
    subject.memo.clear()


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


def _known(obj: models.Model, permissions: Sequence[str]) -> list[str]:
    offered = shareable(obj)
    if unknown := sorted(set(permissions) - set(offered)):
        raise _wrong("permissions", f"{unknown[0][:60]} can not be granted here; these can: {', '.join(offered)}.")
    return sorted({*permissions, access.policy_for(type(obj)).read})


def _table(obj: models.Model, user: User | None, group: Group | None) -> tuple[type[models.Model], str, User | Group]:
    policy = access.policy_for(type(obj))
    table = policy.user_grants if user is not None else policy.group_grants
    who = user or group
    if table is None or who is None:
        raise _wrong("who", "This can not be shared with a group.")
    return table, "user" if user is not None else "group", who


def _model_permission(obj: models.Model, name: str) -> ModelPermission:
    return ModelPermission.objects.get(content_type=ContentType.objects.get_for_model(type(obj)), codename=name)
