"""Who may see deployed resources: whoever may in the space of the stack that made them."""

from enum import StrEnum

from catalog.resources.models import Resource
from portal.spaces import access, permissions


class Permission(StrEnum):
    """What can be permitted on resources."""

    RESOURCE_READ = "resource:read"


def register() -> None:
    """Declare the permission and the policy of resources."""
    permissions.declare([(Permission.RESOURCE_READ, permissions.READER, "see deployed resources")])
    access.register(access.Policy(model=Resource, read=Permission.RESOURCE_READ))
