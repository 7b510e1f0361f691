"""How OpenTofu is told where its state is and what its variables are: by files without secrets and by environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from scaffolder.tools.workspaces import StateBackend, Workspace

# Overrides are read in order of their names; the last one wins.
OVERRIDE = "zzz_callboard_override.tf"
_BACKEND = """# Written by the portal for every run: the state of this stack is kept there.
terraform {
  backend "http" {}
}
"""


def write_backend(workspace: Workspace) -> None:
    """Point the project at the portal's state, whatever backend it names itself.

    SECURITY: the file says only which kind of backend it is. Address and credentials come by environment, so that they
    are neither on disk nor in the arguments that every user of the machine can read.
    """
    path = workspace.project / OVERRIDE
    path.unlink(missing_ok=True)
    if workspace.state:
        # The checkout may hold a link of that name; it was removed, and one that appears now is not followed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib has no flags
            file.write(_BACKEND)


def foreign_backend(data: Path) -> str | None:
    """The kind of backend that ``init`` chose, where it is not the portal's."""
    try:
        chosen = json.loads((data / "terraform.tfstate").read_text())["backend"]["type"]
    except (OSError, ValueError, KeyError, TypeError):
        return "local"
    return None if chosen == "http" else str(chosen)


def environment(workspace: Workspace, data: Path) -> dict[str, str]:
    """Everything that OpenTofu reads from its environment."""
    quiet = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "TF_DATA_DIR": str(data)}
    state = _state(workspace.state) if workspace.state else {}
    return {**quiet, **_variables(workspace.variables), **state}


def _variables(variables: Mapping[str, object]) -> dict[str, str]:
    """Variables as ``TF_VAR_…``: texts as they are, everything else as JSON, which is valid in HCL."""
    return {
        f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()
    }


def _state(state: StateBackend) -> dict[str, str]:
    return {
        "TF_HTTP_ADDRESS": state.address,
        "TF_HTTP_LOCK_ADDRESS": state.lock_address,
        "TF_HTTP_UNLOCK_ADDRESS": state.unlock_address,
        "TF_HTTP_LOCK_METHOD": state.lock_method,
        "TF_HTTP_UNLOCK_METHOD": state.unlock_method,
        "TF_HTTP_USERNAME": state.username,
        "TF_HTTP_PASSWORD": state.password,
    }
