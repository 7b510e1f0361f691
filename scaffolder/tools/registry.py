"""Every tool that a stack can use: ours, and those that other packages bring as entry points of ``callboard.tools``."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points

from portal.lib.errors import Invalid
from scaffolder.tools.ansible.tool import Ansible
from scaffolder.tools.base import Tool, ToolSettings
from scaffolder.tools.opentofu.tool import OpenTofu

ENTRY_POINTS = "callboard.tools"
BUILT_IN: tuple[type[Tool], ...] = (OpenTofu, Ansible)


@lru_cache(maxsize=1)
def tool_classes() -> dict[str, type[Tool]]:
    """All tools by name. Ours cannot be replaced; a foreign one of the same name is an installation error."""
    found = {tool.name: tool for tool in BUILT_IN}
    for entry in entry_points(group=ENTRY_POINTS):
        tool = entry.load()
        if not (isinstance(tool, type) and issubclass(tool, Tool)) or tool.name in found:
            raise Invalid(
                f"The entry point {entry.name!r} of {ENTRY_POINTS} ({entry.value}) is no tool or a second one."
            )
        found[tool.name] = tool
    return found


def get_tool(name: str, settings: ToolSettings | None = None) -> Tool:
    """The tool of that name; raises ``Invalid`` where there is none."""
    classes = tool_classes()
    if name not in classes:
        raise Invalid(f"There is no tool {name!r}. Use one of: {', '.join(sorted(classes))}.", field="tool")
    return classes[name](settings or ToolSettings())
