"""Locations in Git repositories: a file, a pattern, a folder, a whole repository; and what is read again when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.entities.models import Entity
from catalog.ingestion.models import Location
from catalog.ingestion.services import read_now, register_location
from portal.accounts.subjects import system
from portal.lib import git
from portal.spaces.models import Space
from tests.catalog.ingestion.test_manage_locations import document, names


@pytest.fixture
def remote(tmp_path: Path, settings: Any) -> str:
    settings.GIT_ROOTS = [tmp_path]
    for name in ("one", "two"):
        (tmp_path / "work" / name).mkdir(parents=True)
        (tmp_path / "work" / name / "catalog-info.yaml").write_text(document(name))
    (tmp_path / "work" / "values.yaml").write_text("replicas: 1\n")
    return push(tmp_path)


def push(folder: Path) -> str:
    """Commit the working folder; the address of the repository."""
    address = f"file://{folder}/stage.git"
    git.from_settings().init_commit_push(folder / "work", address, branch="main", message="Change")
    return address


def read(space: Space, target: str) -> Location:
    location = register_location(subject=system(), type="url", target=target, space=space, publish=False)
    read_now(location.pk)
    location.refresh_from_db()
    return location


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("/blob/main/one/catalog-info.yaml", {"one"}),
        ("/blob/main/*/catalog-info.yaml", {"one", "two"}),
        ("/tree/main/two", {"two"}),
        ("", {"one", "two"}),
    ],
)
def test_it_reads_from_a_repository(root: Space, remote: str, tail: str, expected: set[str]) -> None:
    location = read(root, remote + tail)
    assert (location.state, location.error) == ("read", "")
    assert names() == expected


def test_it_reads_again_when_the_branch_moves(root: Space, remote: str, tmp_path: Path) -> None:
    location = read(root, remote)
    unchanged = read_now(location.pk)
    assert unchanged is not None
    assert unchanged.is_unchanged
    (tmp_path / "work" / "one" / "catalog-info.yaml").write_text(document("one", lifecycle="deprecated"))
    push(tmp_path)
    changed = read_now(location.pk)
    assert changed is not None
    assert (changed.outcome.changed, changed.outcome.unchanged) == (1, 2)
    assert Entity.objects.get(name="one").lifecycle == "deprecated"


def test_it_keeps_entities_while_the_repository_is_away(root: Space, remote: str, tmp_path: Path) -> None:
    location = read(root, remote)
    (tmp_path / "stage.git").rename(tmp_path / "away.git")
    read_now(location.pk)
    location.refresh_from_db()
    assert location.state == "failed"
    assert names() == {"one", "two"}
    (tmp_path / "away.git").rename(tmp_path / "stage.git")
    read_now(location.pk)
    location.refresh_from_db()
    assert (location.state, location.failures, names()) == ("read", 0, {"one", "two"})
