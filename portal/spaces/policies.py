"""Who may see and change spaces."""

from portal.spaces import access, permissions
from portal.spaces.models import Binding, Space
from portal.spaces.permissions import Permission


def register() -> None:
    """Declare the permissions of the ground floor and the policy of spaces."""
    permissions.declare(
        [
            (Permission.AUDIT_READ, permissions.ADMIN, "read the audit trail"),
            (Permission.BINDING_MANAGE, permissions.ADMIN, "give and take roles"),
            (Permission.GROUP_MANAGE, permissions.ADMIN, "manage groups"),
            (Permission.ROLE_MANAGE, permissions.ADMIN, "compose roles"),
            (Permission.SPACE_CREATE, permissions.ADMIN, "create spaces"),
            (Permission.SPACE_DELETE, permissions.ADMIN, "delete spaces"),
            (Permission.SPACE_READ, permissions.READER, "see the space"),
            (Permission.SPACE_UPDATE, permissions.ADMIN, "change the space"),
            (Permission.USER_MANAGE, permissions.ADMIN, "manage people"),
        ]
    )
    access.register(access.Policy(model=Space, read=Permission.SPACE_READ, space_path="pk"))
    access.register(access.Policy(model=Binding, read=Permission.SPACE_READ))
