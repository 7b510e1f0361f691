"""Verbs on roles. Roles are the same everywhere, so making and changing them needs the right at root."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Forbidden, Invalid
from portal.spaces import access
from portal.spaces.models import Role
from portal.spaces.permissions import LEVELS, Permission, catalogue, permissions_of
from portal.spaces.shapes import clean

_WORDS = {
    "reader": "See everything in the space.",
    "writer": "Use what the space offers: run blueprints, trigger and confirm runs, set variables.",
    "admin": "Everything, including creating things and giving roles in the space and below it.",
}


def ensure_system_roles() -> None:
    """Bring the system roles up to what the installed apps declare. Safe to repeat."""
    for rank, level in enumerate(LEVELS):
        Role.objects.update_or_create(
            slug=level,
            defaults={
                "name": level.capitalize(),
                "description": _WORDS[level],
                "permissions": permissions_of(level),
                "is_system": True,
                "rank": rank,
            },
        )


def may_manage_roles(subject: Subject) -> bool:
    """May the subject make and change roles?"""
    return access.reach(subject, Permission.ROLE_MANAGE).everywhere


def check_manage_roles(subject: Subject) -> None:
    """Raise ``Forbidden`` unless the subject may make and change roles."""
    if not may_manage_roles(subject):
        raise Forbidden("Roles hold in every space, so they are made and changed by admins of the root space.")


@transaction.atomic
def create_role(*, subject: Subject, slug: str, name: str, permissions: list[str], description: str = "") -> Role:
    """Compose a role from declared permissions; seeing the space is always one. Needs ``role:manage`` at root."""
    check_manage_roles(subject)
    role = Role(slug=slug, name=name, description=description, permissions=_known(permissions))
    clean(role)
    role.save()
    audit.record(subject=subject, action="role.create", obj=role, permissions=role.permissions)
    return role


@transaction.atomic
def update_role(*, subject: Subject, role: Role, name: str, permissions: list[str], description: str = "") -> Role:
    """Change a composed role; whoever has it has the new permissions with their next request."""
    check_manage_roles(subject)
    _check_not_system(role)
    before = role.permissions
    role.name, role.description, role.permissions = name, description, _known(permissions)
    clean(role)
    role.save(update_fields=["name", "description", "permissions"])
    audit.record(
        subject=subject, action="role.update", obj=role,
        added=sorted(set(role.permissions) - set(before)), removed=sorted(set(before) - set(role.permissions)),
    )  # fmt: skip
    subject.memo.clear()
    return role


@transaction.atomic
def delete_role(*, subject: Subject, role: Role) -> None:
    """Delete a composed role that nobody has."""
    check_manage_roles(subject)
    _check_not_system(role)
    held = role.bindings.count()
    if held:
        raise Conflict(f"The role “{role.name}” is given {held} times. Take it away there first.")
    audit.record(subject=subject, action="role.delete", obj=role)
    try:
        role.delete()
    except ProtectedError as error:
        raise Conflict(f"The role “{role.name}” was given to somebody just now.") from error


def _check_not_system(role: Role) -> None:
    if role.is_system:
        raise Conflict(f"{role.name} is a role of the system; it can not be changed. Compose one of your own instead.")


def _known(names: list[str]) -> list[str]:
    declared = {row.name for row in catalogue()}
    if unknown := sorted(set(names) - declared):
        message = f"There is no permission {', '.join(unknown)[:200]}."
        raise Invalid(message, errors=[{"field": "permissions", "message": message}])
    return sorted({*names, str(Permission.SPACE_READ)})


def permissions_by_subject() -> list[tuple[str, list[tuple[str, str]]]]:
    """All declared permissions by what they are about, each as (name, words), for forms and pages."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in catalogue():
        found.setdefault(row.name.partition(":")[0], []).append((row.name, row.words))
    return sorted(found.items())
