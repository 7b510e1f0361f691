"""Paths from outside cannot leave their root."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.lib.paths import Occupied, UnsafePath, copy_tree, files_of, links_out, remove, safe_join, walk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a folder, a file, and links inside, outside and in a circle; a secret lies beside it."""
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "folder" / "file.txt").write_text("inside")
    (tmp_path / "secret.txt").write_text("outside")
    (root / "in").symlink_to("folder")
    (root / "out").symlink_to("../secret.txt")
    (root / "up").symlink_to("..")
    (root / "absolute").symlink_to(tmp_path)
    (root / "circle").symlink_to("circle")
    (root / "nowhere").symlink_to("missing")
    return root


@pytest.mark.parametrize(
    "path",
    [
        "a.txt",
        "a/b/c",
        "./a",
        "a//b",
        "a/./b",
        "a/../b",
        "folder/..",
        "",
        ".",
        "in/new.txt",
        "nowhere",
        "ü/ñ",
        "a:b",
        "...",
    ],
)
def test_it_joins_what_stays_inside(root: Path, path: str) -> None:
    assert safe_join(root, path).resolve().is_relative_to(root.resolve())


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../a",
        "a/../../b",
        "/etc/passwd",
        "\\windows",
        "C:\\x",
        "c:/x",
        "C:",
        "..\\x",
        "a\\..\\..\\x",
        "a\0b",
        "\ud800",
        "x" * 256,
        "/".join(["d"] * 201),
        "/".join(["x" * 200] * 30),
        "out",
        "up/secret.txt",
        "up",
        "absolute/secret.txt",
        "circle/x",
        "in/../../secret.txt",
    ],
)
def test_it_refuses_what_leaves(root: Path, path: str) -> None:
    with pytest.raises(UnsafePath):
        safe_join(root, path)


def test_it_may_name_a_link_itself_but_not_what_is_behind(root: Path) -> None:
    assert safe_join(root, "out", follow_last=False) == root.resolve() / "out"
    with pytest.raises(UnsafePath):
        safe_join(root, "up/x", follow_last=False)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(["..", ".", "", "in", "up", "out", "folder", "a", "absolute", "\\"])).map("/".join),
    )
)
def test_it_never_leaves_the_root(root: Path, path: str) -> None:
    try:
        joined = safe_join(root, path)
    except UnsafePath:
        return
    assert joined.is_relative_to(root.resolve())
    assert joined.resolve().is_relative_to(root.resolve())


def test_it_walks_without_following_links(root: Path) -> None:
    found = [(entry.path, entry.kind) for entry in walk(root)]
    assert ("folder/file.txt", "file") in found
    assert ("up", "link") in found
    assert not any(path.startswith(("up/", "in/")) for path, _kind in found)
    assert [path for path, _kind in found] == sorted(path for path, _kind in found)


def test_it_finds_links_that_lead_out_even_together(root: Path) -> None:
    assert links_out(root) == ["absolute", "out", "up"]
    (root / "folder" / "two").symlink_to("../up/..")
    assert "folder/two" in links_out(root)


def test_it_copies_links_as_links_and_keeps_modes(root: Path, tmp_path: Path) -> None:
    (root / "folder" / "file.txt").chmod(0o750)
    copy_tree(root, tmp_path / "copy")
    copied = tmp_path / "copy"
    assert files_of(copied) == files_of(root)
    assert (copied / "out").readlink() == Path("../secret.txt")
    assert (copied / "folder" / "file.txt").stat().st_mode & 0o777 == 0o750


def test_it_does_not_write_through_a_link_in_the_target(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "folder").symlink_to(tmp_path)
    with pytest.raises(UnsafePath):
        copy_tree(root, target)
    (target / "folder").unlink()
    (target / "out").symlink_to(tmp_path / "secret.txt")
    copy_tree(root, target)
    assert (tmp_path / "secret.txt").read_text() == "outside"


@pytest.mark.parametrize("way", ["folder in the way of a file", "file in the way of a folder"])
def test_it_says_when_something_else_is_in_the_way(tmp_path: Path, way: str) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    file, folder = (source, target) if way.startswith("folder") else (target, source)
    file.mkdir()
    (file / "x").write_text("x")
    (folder / "x").mkdir(parents=True)
    with pytest.raises(Occupied, match="x"):
        copy_tree(source, target)


def test_it_removes_the_link_and_not_its_target(root: Path, tmp_path: Path) -> None:
    remove(root / "absolute")
    remove(root / "missing")
    remove(root / "folder")
    assert (tmp_path / "secret.txt").exists()
    assert not (root / "absolute").is_symlink()
    assert not (root / "folder").exists()
