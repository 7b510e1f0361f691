"""Who may see, set up, feed and read providers."""

from enum import StrEnum

from catalog.providers.models import Provider
from portal.spaces import access, permissions


class Permission(StrEnum):
    """What can be permitted on providers."""

    PROVIDER_MANAGE = "provider:manage"
    PROVIDER_PUSH = "provider:push"
    PROVIDER_READ = "provider:read"
    PROVIDER_REFRESH = "provider:refresh"


def register() -> None:
    """Declare the permissions and the policy of providers."""
    permissions.declare(
        [
            (Permission.PROVIDER_MANAGE, permissions.ADMIN, "set up catalog providers and webhooks of Git hosts"),
            (Permission.PROVIDER_PUSH, permissions.WRITER, "push entities through catalog providers"),
            (Permission.PROVIDER_READ, permissions.READER, "see catalog providers"),
            (Permission.PROVIDER_REFRESH, permissions.WRITER, "have catalog providers read again"),
        ]
    )
    access.register(access.Policy(model=Provider, read=Permission.PROVIDER_READ))
