"""Who may see, refresh and delete entities."""

from enum import StrEnum

from catalog.entities.models import Entity, EntityGroupPermission, EntityUserPermission
from portal.spaces import access, permissions


class Permission(StrEnum):
    """What can be permitted on entities."""

    ENTITY_DELETE = "entity:delete"
    ENTITY_READ = "entity:read"
    ENTITY_REFRESH = "entity:refresh"


def register() -> None:
    """Declare the permissions and the policy of entities."""
    permissions.declare(
        [
            (Permission.ENTITY_DELETE, permissions.ADMIN, "delete entities"),
            (Permission.ENTITY_READ, permissions.READER, "see entities"),
            (Permission.ENTITY_REFRESH, permissions.WRITER, "have entities read again"),
        ]
    )
    access.register(
        access.Policy(
            model=Entity,
            read=Permission.ENTITY_READ,
            user_grants=EntityUserPermission,
            group_grants=EntityGroupPermission,
        )
    )
