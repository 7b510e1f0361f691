"""Folders as tar.gz: deterministic, bounded, without ways out."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from portal.lib.archives import BadArchive, Limits, pack, unpack
from portal.lib.errors import PortalError, TooLarge
from portal.lib.paths import UnsafePath, files_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small tree with an executable and a link."""
    folder = tmp_path / "folder"
    (folder / "sub" / "empty").mkdir(parents=True)
    (folder / "sub" / "run.sh").write_text("#!/bin/sh\n")
    (folder / "sub" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("sub/run.sh")
    return folder


def archive(*members: tuple[str, dict[str, Any], bytes]) -> bytes:
    """A tar.gz with members of any kind, good or bad."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as out:
        for name, facts, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for fact, value in facts.items():
                setattr(member, fact, value)
            out.addfile(member, io.BytesIO(content))
    return raw.getvalue()


def test_it_brings_everything_back(folder: Path, tmp_path: Path) -> None:
    unpack(pack(folder), tmp_path / "back")
    back = tmp_path / "back"
    assert files_of(back) == ["link", "sub/run.sh"]
    assert (back / "sub" / "empty").is_dir()
    assert (back / "link").readlink() == Path("sub/run.sh")
    assert (back / "sub" / "run.sh").stat().st_mode & 0o111


def test_it_gives_the_same_bytes_for_the_same_files(folder: Path, tmp_path: Path) -> None:
    first = pack(folder)
    unpack(first, tmp_path / "back")
    (tmp_path / "back" / "sub" / "run.sh").touch()
    assert pack(tmp_path / "back") == first


def test_it_refuses_to_pack_links_that_lead_out(folder: Path) -> None:
    (folder / "bad").symlink_to("/etc/passwd")
    with pytest.raises(BadArchive, match="bad"):
        pack(folder)


def test_it_refuses_to_pack_too_much(folder: Path) -> None:
    with pytest.raises(TooLarge):
        pack(folder, Limits(max_files=2))
    with pytest.raises(TooLarge):
        pack(folder, Limits(max_bytes=3))


LINK = {"type": tarfile.SYMTYPE}


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ([("../out", {}, b"x")], UnsafePath),
        ([("/abs", {}, b"x")], UnsafePath),
        ([("a/../../out", {}, b"x")], UnsafePath),
        ([("l", {**LINK, "linkname": "/etc"}, b""), ("l/x", {}, b"x")], BadArchive),
        ([("l", {**LINK, "linkname": ".."}, b"")], BadArchive),
        ([("a/l", {**LINK, "linkname": ".."}, b""), ("m", {**LINK, "linkname": "a/l/.."}, b"")], BadArchive),
        ([("h", {"type": tarfile.LNKTYPE, "linkname": "x"}, b"")], BadArchive),
        ([("p", {"type": tarfile.FIFOTYPE}, b"")], BadArchive),
        ([("d", {"type": tarfile.CHRTYPE}, b"")], BadArchive),
        ([("x", {}, b"1"), ("x", {}, b"2")], BadArchive),
        ([("x", {}, b"1"), ("x/y", {}, b"2")], BadArchive),
        ([("l", {**LINK, "linkname": "x"}, b""), ("l", {}, b"2")], BadArchive),
        ([("a", {}, b"x"), ("b", {}, b"x"), ("c", {}, b"x"), ("d", {}, b"x")], TooLarge),
        ([("big", {}, b"x" * 2000)], TooLarge),
    ],
)
def test_it_refuses_bad_archives_and_leaves_nothing(
    tmp_path: Path, members: list[tuple[str, dict[str, Any], bytes]], error: type[PortalError]
) -> None:
    target = tmp_path / "target"
    with pytest.raises(error):
        unpack(archive(("good", {}, b"good"), *members), target, Limits(max_bytes=1000, max_files=4))
    assert list(target.iterdir()) == []
    assert files_of(tmp_path) == []


@pytest.mark.parametrize(
    "data",
    [b"", b"no archive", gzip.compress(b"no tar"), archive(("a", {}, b"x" * 5000))[:-20], b"\x1f\x8b"],
    ids=["empty", "text", "no tar", "cut off", "no gzip"],
)
def test_it_says_that_bytes_are_no_archive(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadArchive):
        unpack(data, tmp_path / "target")


def test_it_stops_at_a_bomb_in_a_header(tmp_path: Path) -> None:
    bomb = archive(("a", {"pax_headers": {"comment": "x" * 3_000_000}}, b""))
    assert len(bomb) < 10_000
    with pytest.raises(TooLarge):
        unpack(bomb, tmp_path / "target", Limits(max_bytes=1000, max_files=10))


def test_it_does_not_touch_a_folder_in_use(folder: Path) -> None:
    with pytest.raises(BadArchive, match="not empty"):
        unpack(archive(), folder)
    assert files_of(folder) == ["link", "sub/run.sh"]
