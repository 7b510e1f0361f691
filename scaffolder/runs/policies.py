"""Who may see, start, confirm and stop runs. A run is guarded by its stack."""

from enum import StrEnum

from portal.spaces import access, permissions
from scaffolder.runs.models import Run
from scaffolder.stacks.models import StackGroupPermission, StackUserPermission


class Permission(StrEnum):
    """What can be permitted on runs."""

    RUN_CONFIRM = "run:confirm"
    RUN_READ = "run:read"
    RUN_STOP = "run:stop"
    RUN_TRIGGER = "run:trigger"


def register() -> None:
    """Declare the permissions and the policy of runs."""
    permissions.declare(
        [
            (Permission.RUN_CONFIRM, permissions.WRITER, "confirm and discard plans"),
            (Permission.RUN_READ, permissions.READER, "see runs and their logs"),
            (Permission.RUN_STOP, permissions.WRITER, "cancel and stop runs"),
            (Permission.RUN_TRIGGER, permissions.WRITER, "start runs"),
        ]
    )
    access.register(
        access.Policy(
            model=Run,
            read=Permission.RUN_READ,
            space_path="stack__space_id",
            user_grants=StackUserPermission,
            group_grants=StackGroupPermission,
            grants_path="stack_id",
        )
    )
