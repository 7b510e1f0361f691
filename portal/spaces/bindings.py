"""Verbs on bindings: who has which role in which space, and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from portal.accounts.models import ApiToken, User, Workload
from portal.accounts.subjects import Subject, system
from portal.audit import services as audit
from portal.lib.errors import Forbidden, Invalid
from portal.spaces import access
from portal.spaces.lockout import check_root_admin_remains
from portal.spaces.models import Binding, Role, Space
from portal.spaces.permissions import ADMIN, Permission

# Asked before a workload of that kind gets a role; raises where the subject may not speak for the workload.
WorkloadGuard = Callable[[Subject, Workload, Space], None]
_guards: dict[str, WorkloadGuard] = {}


def register_workload_guard(kind: str, guard: WorkloadGuard) -> None:
    """Say who may give roles to workloads of one kind; called from ``AppConfig.ready()`` of what they stand for."""
    _guards[kind] = guard


@transaction.atomic
def bind_role(
    *,
    subject: Subject,
    space: Space,
    role: Role,
    user: User | None = None,
    group: Group | None = None,
    token: ApiToken | None = None,
    workload: Workload | None = None,
    expires_at: datetime | None = None,
) -> Binding:
    """Give one subject a role in a space, until ``expires_at`` where that is given.

    Nobody gives what they do not have there themselves. A binding that is there already gets the new end.
    """
    check_may_give(subject, role, space)
    _check_end(expires_at)
    if workload is not None:
        _check_speaks_for(subject, workload, space)
    binding, created = Binding.objects.get_or_create(
        space=space, role=role, user=user, group=group, token=token, workload=workload,
        defaults={"created_by": subject.user, "expires_at": expires_at},
    )  # fmt: skip
    if created:
        audit.record(
            subject=subject, action="binding.create", obj=binding, role=role.slug, bound=str(binding.bound),
            expires_at=expires_at,
        )  # fmt: skip
    elif binding.expires_at != expires_at:
        _set_end(subject, binding, expires_at)
    subject.memo.clear()
    return binding


def check_may_give(subject: Subject, role: Role, space: Space) -> None:
    """Raise ``NotFound`` or ``Forbidden`` where the subject may not give this role in this space."""
    access.check_in(subject, Permission.BINDING_MANAGE, space)
    missing = [name for name in role.permissions if not access.may_in(subject, name, space)]
    if missing:
        raise Forbidden(f"You may not give the role {role.name} here: you do not have {missing[0]} yourself.")


def _check_end(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        message = "This is in the past; a role must hold for a while."
        raise Invalid(message, errors=[{"field": "expires_at", "message": message}])


def _check_speaks_for(subject: Subject, workload: Workload, space: Space) -> None:
    guard = _guards.get(workload.kind)
    # SECURITY: a kind of workload that nobody guards gets no roles.
    if guard is None:
        raise Forbidden(f"{workload.get_kind_display()}s can not be given roles here.")
    guard(subject, workload, space)


def _set_end(subject: Subject, binding: Binding, expires_at: datetime | None) -> None:
    before, binding.expires_at = binding.expires_at, expires_at
    binding.save(update_fields=["expires_at"])
    if _is_root_admin(binding):
        check_root_admin_remains()
    audit.record(
        subject=subject, action="binding.update", obj=binding, role=binding.role.slug, bound=str(binding.bound),
        expires_at=expires_at, before=before,
    )  # fmt: skip


@transaction.atomic
def change_end(*, subject: Subject, binding: Binding, expires_at: datetime | None) -> Binding:
    """Let a binding end at another time, or never. As ``bind_role``: nobody prolongs what they do not have."""
    check_may_give(subject, binding.role, binding.space)
    _check_end(expires_at)
    if binding.workload is not None:
        _check_speaks_for(subject, binding.workload, binding.space)
    if binding.expires_at != expires_at:
        _set_end(subject, binding, expires_at)
    subject.memo.clear()
    return binding


@transaction.atomic
def unbind_role(*, subject: Subject, binding: Binding) -> None:
    """Take a role away. The last person's Admin role at root stays, so that nobody locks everyone out."""
    access.check_in(subject, Permission.BINDING_MANAGE, binding.space)
    was_root_admin = _is_root_admin(binding)
    audit.record(
        subject=subject, action="binding.delete", obj=binding, role=binding.role.slug, bound=str(binding.bound)
    )
    binding.delete()
    if was_root_admin:
        check_root_admin_remains()
    subject.memo.clear()


def _is_root_admin(binding: Binding) -> bool:
    return binding.space.is_root and binding.role.slug == ADMIN


def remove_expired() -> int:
    """Take away what has expired, each with its audit row; its rights ended at that moment. Returns how many."""
    removed = 0
    expired = Binding.objects.filter(expires_at__lte=timezone.now())
    for pk in list(expired.values_list("pk", flat=True)):
        with transaction.atomic():
            found = expired.filter(pk=pk).select_for_update(skip_locked=True, of=("self",))
            binding = found.select_related("space", "role").first()
            if binding is None:
                continue
            audit.record(
                subject=system("expiry"), action="binding.expire", obj=binding, role=binding.role.slug,
                bound=str(binding.bound), expires_at=binding.expires_at,
            )  # fmt: skip
            binding.delete()
            removed += 1
    return removed
