"""Who may manage identity providers."""

from enum import StrEnum

from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden, NotFound
from portal.spaces import access, permissions
from portal.spaces.permissions import Permission as Ground


class Permission(StrEnum):
    """What this app permits."""

    IDENTITY_MANAGE = "identity:manage"


def register() -> None:
    """Declare the permission."""
    permissions.declare([(Permission.IDENTITY_MANAGE, permissions.ADMIN, "manage identity providers")])


def may_manage(subject: Subject) -> bool:
    """Providers belong to no space, so that managing them needs the right at root."""
    return access.reach(subject, Permission.IDENTITY_MANAGE).everywhere


def check_manage(subject: Subject) -> None:
    """Raise ``NotFound`` for whoever may not: the providers' settings are nobody else's matter."""
    if not may_manage(subject):
        raise NotFound("There is no such page, or you may not see it.")


def check_rules(subject: Subject) -> None:
    """Like ``check_manage``; rules put people into groups, which needs ``group:manage`` at root, too."""
    check_manage(subject)
    if not access.reach(subject, Ground.GROUP_MANAGE).everywhere:
        raise Forbidden("Group rules put people into groups. Ask an admin of the root space who may manage groups.")
