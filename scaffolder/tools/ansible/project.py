"""Finds what to run in an Ansible project: playbook, inventory, requirements."""

from __future__ import annotations

import configparser
from pathlib import Path

from portal.lib.errors import Invalid
from scaffolder.tools.workspaces import Workspace

PLAYBOOKS = ("site.yml", "site.yaml", "playbook.yml", "playbook.yaml", "main.yml", "main.yaml")
DESTROY_PLAYBOOKS = ("destroy.yml", "destroy.yaml")
INVENTORIES = (
    "inventory",
    "inventory.yml",
    "inventory.yaml",
    "inventory.ini",
    "hosts",
    "hosts.yml",
    "hosts.yaml",
    "hosts.ini",
)
# File, and the command of ``ansible-galaxy`` that installs what it lists.
REQUIREMENTS = (
    ("requirements.yml", ("install",)),
    ("requirements.yaml", ("install",)),
    ("roles/requirements.yml", ("role", "install")),
    ("collections/requirements.yml", ("collection", "install")),
)
# Without an inventory, the machine of the worker itself, with the Python that Ansible runs on.
_LOCALHOST = "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"


def find_playbook(workspace: Workspace) -> str:
    """The playbook, relative to the project: the option ``playbook`` or the first usual name; raises ``Invalid``."""
    return _find(workspace, "playbook", PLAYBOOKS, "Add one of them, or name the playbook in the stack's options.")


def find_destroy_playbook(workspace: Workspace) -> str:
    """The playbook that takes everything away; raises ``Invalid`` with what to do where the project has none."""
    advice = (
        "Ansible keeps no state and cannot tell what to take away. "
        "Add a playbook that removes what the project made, or delete the stack and keep its resources."
    )
    return _find(workspace, "destroy_playbook", DESTROY_PLAYBOOKS, advice)


def _find(workspace: Workspace, option: str, names: tuple[str, ...], advice: str) -> str:
    wanted = workspace.options.get(option, "")
    for name in (wanted,) if wanted else names:
        if workspace.file(name):
            return name
    looked_for = wanted or ", ".join(names)
    where = workspace.project_root.strip("/") or "the root of the repository"
    raise Invalid(f"There is no playbook to run: {where} has no {looked_for}. {advice}", field=option)


def inventory_words(workspace: Workspace, private: Path) -> list[str]:
    """The arguments that choose the inventory; none where the project or its environment chooses one by itself."""
    if wanted := workspace.options.get("inventory", ""):
        if not (workspace.project / wanted).resolve().is_relative_to(workspace.path.resolve()):
            raise Invalid(f"The inventory {wanted!r} leaves the repository.", field="inventory")
        return ["-i", wanted]
    if "ANSIBLE_INVENTORY" in workspace.env or _configures_inventory(workspace):
        return []
    for name in INVENTORIES:
        if (workspace.project / name).exists():
            return ["-i", name]
    generated = private / "localhost.ini"
    generated.write_text(_LOCALHOST, encoding="utf-8")
    return ["-i", str(generated)]


def _configures_inventory(workspace: Workspace) -> bool:
    path = workspace.file("ansible.cfg")
    if path is None:
        return False
    settings = configparser.RawConfigParser(strict=False)
    try:
        settings.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return False  # Ansible says better than we could what is wrong with it.
    return settings.has_option("defaults", "inventory")


def galaxy_commands(workspace: Workspace) -> list[list[str]]:
    """The arguments of ``ansible-galaxy`` that install the project's requirements, one list for each file of them."""
    return [[*words, "-r", name] for name, words in REQUIREMENTS if workspace.file(name)]
