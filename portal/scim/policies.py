"""Who may provision: one permission, at root, that a token can have without anything else."""

from portal.accounts.subjects import Subject
from portal.lib.errors import Forbidden
from portal.spaces import access, permissions

PROVISION = "scim:provision"


def register() -> None:
    """Declare the permission."""
    words = "make, change and end accounts and groups for an identity provider (SCIM)"
    permissions.declare([(PROVISION, permissions.ADMIN, words)])


def check_provision(subject: Subject) -> None:
    """Raise ``Forbidden`` unless the subject may provision; accounts belong to no space, so at root."""
    if not access.reach(subject, PROVISION).everywhere:
        raise Forbidden(f"This token may not provision. It needs a role with {PROVISION} in the root space.")
