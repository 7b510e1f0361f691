"""Who may manage login policies."""

from enum import StrEnum

from portal.accounts.subjects import Subject
from portal.lib.errors import NotFound
from portal.spaces import access, permissions


class Permission(StrEnum):
    """What this app permits."""

    LOGIN_POLICY_MANAGE = "login-policy:manage"


def register() -> None:
    """Declare the permission."""
    permissions.declare([(Permission.LOGIN_POLICY_MANAGE, permissions.ADMIN, "manage login policies")])


def may_manage(subject: Subject) -> bool:
    """Login policies belong to no space, so that managing them needs the right at root."""
    return access.reach(subject, Permission.LOGIN_POLICY_MANAGE).everywhere


def check_manage(subject: Subject) -> None:
    """Raise ``NotFound`` for whoever may not: how people are let in is nobody else's matter."""
    if not may_manage(subject):
        raise NotFound("There is no such page, or you may not see it.")
