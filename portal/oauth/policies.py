"""Who may manage tools that act for people."""

from enum import StrEnum

from portal.accounts.subjects import Subject
from portal.lib.errors import NotFound
from portal.spaces import access, permissions


class Permission(StrEnum):
    """What this app permits."""

    CLIENT_MANAGE = "client:manage"


def register() -> None:
    """Declare the permission."""
    permissions.declare([(Permission.CLIENT_MANAGE, permissions.ADMIN, "manage OAuth clients")])


def check_manage(subject: Subject) -> None:
    """Raise ``NotFound`` for whoever may not: clients belong to no space, so that it needs the right at root."""
    if not access.reach(subject, Permission.CLIENT_MANAGE).everywhere:
        raise NotFound("There is no such page, or you may not see it.")
