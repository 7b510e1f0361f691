"""Who may see, make, change and delete stacks, and read their state."""

from dataclasses import replace
from enum import StrEnum

from catalog.resources.models import Resource
from portal.spaces import access, permissions
from scaffolder.stacks.models import Stack, StackGroupPermission, StackUserPermission


class Permission(StrEnum):
    """What can be permitted on stacks."""

    STACK_CREATE = "stack:create"
    STACK_DELETE = "stack:delete"
    STACK_MANAGE = "stack:manage"
    STACK_READ = "stack:read"
    STACK_STATE_READ = "stack:state-read"
    STACK_STATE_UNLOCK = "stack:state-unlock"
    STACK_UPDATE = "stack:update"


def register() -> None:
    """Declare the permissions and the policy of stacks."""
    permissions.declare(
        [
            (Permission.STACK_CREATE, permissions.WRITER, "make stacks"),
            (Permission.STACK_DELETE, permissions.ADMIN, "delete stacks"),
            (Permission.STACK_MANAGE, permissions.ADMIN, "give stacks roles for their runs"),
            (Permission.STACK_READ, permissions.READER, "see stacks"),
            (Permission.STACK_STATE_READ, permissions.ADMIN, "read the state of stacks, secrets in it included"),
            (Permission.STACK_STATE_UNLOCK, permissions.ADMIN, "release the lock of a stack's state"),
            (Permission.STACK_UPDATE, permissions.WRITER, "change stacks and their variables"),
        ]
    )
    access.register(
        access.Policy(
            model=Stack,
            read=Permission.STACK_READ,
            user_grants=StackUserPermission,
            group_grants=StackGroupPermission,
        )
    )
    # What a stack deployed is shared with the stack, as its runs are.
    access.register(
        replace(
            access.policy_for(Resource),
            user_grants=StackUserPermission,
            group_grants=StackGroupPermission,
            grants_path="stack_uid",
            grants_key="content_object__uid",
        )
    )
