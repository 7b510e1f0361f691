"""What this app hangs into the shell."""

from portal.login_policies.policies import Permission
from portal.ui.registry import NavItem, add_nav


def register() -> None:
    """The navigation entry, for whoever may manage login policies."""
    permission = Permission.LOGIN_POLICY_MANAGE
    add_nav(
        NavItem("Login policies", "login_policies:list", "shield-check", "Platform", 817, permission, needs_root=True)
    )
