"""Who may see and manage trusts: whoever gives roles in the space where the trust lives."""

from portal.spaces import access
from portal.spaces.permissions import Permission
from portal.workloads.models import Trust


def register() -> None:
    """Declare the policy. How machines come in is nobody else's matter, so that others do not see trusts at all."""
    access.register(access.Policy(model=Trust, read=Permission.BINDING_MANAGE))
