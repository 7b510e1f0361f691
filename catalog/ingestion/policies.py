"""Who may see, register and remove locations."""

from enum import StrEnum

from catalog.ingestion.models import Location, Problem
from portal.spaces import access, permissions


class Permission(StrEnum):
    """What can be permitted on locations."""

    LOCATION_CREATE = "location:create"
    LOCATION_DELETE = "location:delete"
    LOCATION_READ = "location:read"
    LOCATION_REFRESH = "location:refresh"


def register() -> None:
    """Declare the permissions and the policies of locations and their problems."""
    permissions.declare(
        [
            (Permission.LOCATION_CREATE, permissions.WRITER, "register catalog files"),
            (Permission.LOCATION_DELETE, permissions.ADMIN, "unregister catalog files"),
            (Permission.LOCATION_READ, permissions.READER, "see where entities come from"),
            (Permission.LOCATION_REFRESH, permissions.WRITER, "have catalog files read again"),
        ]
    )
    access.register(access.Policy(model=Location, read=Permission.LOCATION_READ))
    access.register(access.Policy(model=Problem, read=Permission.LOCATION_READ, space_path="location__space_id"))
