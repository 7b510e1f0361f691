"""What this app hangs into the shell."""

from portal.spaces.permissions import Permission
from portal.ui.registry import NavItem, add_nav


def register() -> None:
    """The navigation entry, for whoever gives roles somewhere."""
    add_nav(NavItem("CI workloads", "workloads:list", "key-round", "Platform", 816, Permission.BINDING_MANAGE))
