"""What this app hangs into the shell."""

from portal.oauth.policies import Permission
from portal.ui.registry import NavItem, add_nav


def register() -> None:
    """The navigation entry, for whoever may manage clients."""
    add_nav(NavItem("OAuth clients", "oauth:list", "plug", "Platform", 817, Permission.CLIENT_MANAGE, needs_root=True))
