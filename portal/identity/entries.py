"""What this app hangs into the shell."""

from portal.identity.policies import Permission
from portal.ui.registry import NavItem, add_nav


def register() -> None:
    """The navigation entry, for whoever may manage providers."""
    add_nav(NavItem("Sign-in", "identity:list", "log-in", "Platform", 815, Permission.IDENTITY_MANAGE, needs_root=True))
