"""Tidying the workspace."""

from __future__ import annotations

from typing import Any

import pytest

from portal.lib.errors import Invalid, NotFound, PortalError
from portal.lib.paths import Occupied, UnsafePath
from scaffolder.steps.files import Delete, ReadDirectory, Rename
from tests.scaffolder.steps.stage import Stage


def test_it_deletes_files_folders_and_links(stage: Stage) -> None:
    for path in ("a.txt", "folder/.hidden/b", "keep/c", "[id].txt"):
        stage.write(f"workspace/{path}")
    (stage.workspace / "link").symlink_to(stage.sources)
    stage.run(Delete(), files=["a.txt", "folder", "link", "[id].txt", "missing"])
    assert list(stage.texts()) == ["keep/c"]
    assert (stage.sources / "template.yaml").exists()
    assert "There is no missing" in stage.lines


def test_it_deletes_by_pattern(stage: Stage) -> None:
    for path in ("docs/a.md", "docs/b.txt", "docs/deep/c.md", "docs/.d.md"):
        stage.write(f"workspace/{path}")
    stage.run(Delete(), files=["docs/*.md"])
    assert list(stage.texts()) == ["docs/.d.md", "docs/b.txt", "docs/deep/c.md"]
    stage.run(Delete(), files=["docs/**/*.md", "none/*"])
    assert list(stage.texts()) == ["docs/.d.md", "docs/b.txt"]
    assert stage.lines[-1] == "Nothing fits none/*"


@pytest.mark.parametrize(
    "path", ["..", "../sources/template.yaml", "/etc/passwd", "", ".", "a/..", "../*", "up/template.yaml"]
)
def test_it_deletes_nothing_outside(stage: Stage, path: str) -> None:
    (stage.workspace / "up").symlink_to(stage.sources)
    with pytest.raises(Invalid):
        stage.run(Delete(), files=[path])
    assert (stage.sources / "template.yaml").exists()
    assert stage.workspace.exists()


def test_it_renames_files_folders_and_links(stage: Stage) -> None:
    stage.write("workspace/a.txt", "a")
    stage.write("workspace/folder/b")
    (stage.workspace / "link").symlink_to("a.txt")
    pairs = [("a.txt", "new/deep/a.txt"), ("folder", "other"), ("link", "new/link"), ("other", "other")]
    stage.run(Rename(), files=[{"from": old, "to": new} for old, new in pairs])
    assert stage.texts() == {"new/deep/a.txt": "a", "new/link": "-> a.txt", "other/b": "x"}


def test_it_replaces_only_when_told_to(stage: Stage) -> None:
    stage.write("workspace/a", "new")
    stage.write("workspace/b/old", "old")
    pair = {"from": "a", "to": "b"}
    with pytest.raises(Occupied, match="overwrite"):
        stage.run(Rename(), files=[pair])
    stage.run(Rename(), files=[{**pair, "overwrite": True}])
    assert stage.texts() == {"b": "new"}


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("none", "x", NotFound),
        ("../sources", "x", UnsafePath),
        ("a", "../x", UnsafePath),
        ("a", "/x", UnsafePath),
        ("folder", "folder/inner", Invalid),
        ("folder/b", "folder", Invalid),
        ("a", "folder/b/x", Occupied),
    ],
)
def test_it_refuses_bad_moves(stage: Stage, old: str, new: str, error: type[PortalError]) -> None:
    stage.write("workspace/a")
    stage.write("workspace/folder/b")
    before = stage.texts()
    with pytest.raises(error):
        stage.run(Rename(), files=[{"from": old, "to": new, "overwrite": True}])
    assert stage.texts() == before


def test_it_lists_folders(stage: Stage) -> None:
    stage.write("workspace/out/a.txt")
    stage.write("workspace/out/deep/b.txt")
    (stage.workspace / "out" / "link").symlink_to("deep")
    flat = stage.run(ReadDirectory(), paths=["out"])
    full = f"{stage.workspace}/out"
    assert flat["folders"] == [{"name": "deep", "path": "out/deep", "fullPath": f"{full}/deep"}]
    assert [item["path"] for item in flat["files"]] == ["out/a.txt", "out/link"]
    deep: dict[str, Any] = stage.run(ReadDirectory(), paths=["out", full], recursive=True)
    assert [item["name"] for item in deep["files"]] == ["a.txt", "b.txt", "link"] * 2


@pytest.mark.parametrize(
    ("path", "error"), [("none", NotFound), ("a", NotFound), ("..", UnsafePath), ("up", UnsafePath)]
)
def test_it_lists_nothing_else(stage: Stage, path: str, error: type[PortalError]) -> None:
    stage.write("workspace/a")
    (stage.workspace / "up").symlink_to(stage.sources)
    with pytest.raises(error):
        stage.run(ReadDirectory(), paths=[path])
