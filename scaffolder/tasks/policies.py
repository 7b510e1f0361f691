"""Who may see, start and cancel tasks."""

from enum import StrEnum

from portal.spaces import access, permissions
from scaffolder.tasks.models import Task, TaskGroupPermission, TaskUserPermission


class Permission(StrEnum):
    """What can be permitted on tasks."""

    TASK_CANCEL = "task:cancel"
    TASK_CREATE = "task:create"
    TASK_READ = "task:read"


def register() -> None:
    """Declare the permissions and the policy of tasks."""
    permissions.declare(
        [
            (Permission.TASK_CANCEL, permissions.WRITER, "cancel and retry tasks"),
            (Permission.TASK_CREATE, permissions.WRITER, "start blueprints"),
            (Permission.TASK_READ, permissions.READER, "see tasks and their logs"),
        ]
    )
    access.register(
        access.Policy(
            model=Task,
            read=Permission.TASK_READ,
            user_grants=TaskUserPermission,
            group_grants=TaskGroupPermission,
        )
    )
