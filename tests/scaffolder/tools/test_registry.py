"""The one place in which tools are listed."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from portal.lib.errors import Invalid
from scaffolder.tools import registry
from scaffolder.tools.ansible.tool import Ansible
from scaffolder.tools.opentofu.tool import OpenTofu


class Foreign(Ansible):
    """A tool of another package."""

    name = "foreign"


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    registry.tool_classes.cache_clear()
    yield
    registry.tool_classes.cache_clear()


def bring(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint("foreign", value, registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])


def test_it_gives_tools_by_name() -> None:
    assert isinstance(registry.get_tool("opentofu"), OpenTofu)
    assert isinstance(registry.get_tool("ansible"), Ansible)


def test_it_names_the_tools_there_are() -> None:
    with pytest.raises(Invalid, match=r"There is no tool 'pulumi'. Use one of: ansible, opentofu\."):
        registry.get_tool("pulumi")


def test_it_takes_tools_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, f"{__name__}:Foreign")
    assert isinstance(registry.get_tool("foreign"), Foreign)


@pytest.mark.parametrize("value", ["scaffolder.tools.ansible.tool:Ansible", "json:dumps"])
def test_it_refuses_what_is_no_tool_or_a_second_one(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(monkeypatch, value)
    with pytest.raises(Invalid, match="no tool or a second one"):
        registry.tool_classes()
