"""Which playbook and which inventory of a project Ansible runs with."""

from pathlib import Path

import pytest

from portal.lib.errors import Invalid
from scaffolder.tools.ansible.project import find_playbook, galaxy_commands, inventory_words
from tests.scaffolder.tools.conftest import Site


@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        (["main.yml", "site.yaml"], {}, "site.yaml"),
        (["site.yml", "plays/shop.yml"], {"playbook": "plays/shop.yml"}, "plays/shop.yml"),
    ],
)
def test_it_finds_the_playbook(files: list[str], options: dict[str, str], expected: str, site: Site) -> None:
    for name in files:
        site.write_file(name, "[]")
    assert find_playbook(site.workspace(options=options)) == expected


def test_it_does_not_follow_a_playbook_out_of_the_checkout(site: Site, tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("[]")
    (site.checkout / "site.yml").symlink_to(tmp_path / "other.yml")
    with pytest.raises(Invalid, match="There is no playbook to run"):
        find_playbook(site.workspace())


@pytest.mark.parametrize(
    ("files", "options", "env", "expected"),
    [
        ({"inventory/hosts": ""}, {}, {}, ["-i", "inventory"]),
        ({"hosts.ini": "", "hosts": ""}, {}, {}, ["-i", "hosts"]),
        ({"hosts": "", "prod.ini": ""}, {"inventory": "prod.ini"}, {}, ["-i", "prod.ini"]),
        ({"hosts": ""}, {}, {"ANSIBLE_INVENTORY": "elsewhere"}, []),
        ({"ansible.cfg": "[defaults]\ninventory = there\n"}, {}, {}, []),
    ],
)
def test_it_leaves_the_inventory_to_the_project(
    files: dict[str, str], options: dict[str, str], env: dict[str, str], expected: list[str], site: Site, tmp_path: Path
) -> None:
    for name, text in files.items():
        site.write_file(name, text)
    assert inventory_words(site.workspace(options=options, env=env), tmp_path) == expected


@pytest.mark.parametrize("config", ["[defaults]\nforks = 3\n", "no section\n"])
def test_it_runs_on_this_machine_where_there_is_no_inventory(config: str, site: Site, tmp_path: Path) -> None:
    site.write_file("ansible.cfg", config)
    assert inventory_words(site.workspace(), tmp_path) == ["-i", f"{tmp_path}/localhost.ini"]
    assert "ansible_connection=local" in (tmp_path / "localhost.ini").read_text()


def test_it_refuses_an_inventory_outside_of_the_checkout(site: Site, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="leaves the repository"):
        inventory_words(site.workspace(options={"inventory": "../../etc"}), tmp_path)


def test_it_installs_every_file_of_requirements(site: Site) -> None:
    site.write_file("requirements.yml", "[]")
    site.write_file("collections/requirements.yml", "collections: []")
    assert galaxy_commands(site.workspace()) == [
        ["install", "-r", "requirements.yml"],
        ["collection", "install", "-r", "collections/requirements.yml"],
    ]
