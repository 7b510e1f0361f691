"""Dry runs: files in, files out, nothing left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.lib.errors import Invalid, NotFound
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.git import Git, SourceReader
from portal.lib.git.errors import FolderNotAllowed
from portal.lib.paths import UnsafePath
from scaffolder.steps.dryrun import DryRun, dry_run
from scaffolder.steps.registry import default_registry
from tests.scaffolder.steps.stage import ENGINE

NOWHERE = Fetcher(AllowList())


def run(spec: dict[str, Any], **contents: bytes) -> DryRun:
    """Go through a template with these files beside it."""
    return dry_run(
        spec,
        values={"name": "demo"},
        contents={name.replace("__", "/"): data for name, data in contents.items()},
        registry=default_registry(),
        expressions=ENGINE,
        reader=lambda folder: SourceReader(NOWHERE, Git(NOWHERE.policy), file_roots=[folder]),
        git=Git(NOWHERE.policy),
    )


def fetch(url: str, **given: Any) -> dict[str, Any]:
    """A template that fetches one skeleton."""
    return {"steps": [{"action": "fetch:template", "input": {"url": url, "values": "${{ parameters }}", **given}}]}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where temporary folders are made, empty again after every test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


def test_it_gives_the_files_that_a_task_would_make() -> None:
    done = run(fetch("./skeleton", targetPath="out"), skeleton__a=b"${{ values.name }}", other=b"")
    assert [(file.path, file.content, file.is_executable) for file in done.files] == [("out/a", b"demo", False)]
    assert done.task_id.startswith("dry-run-")


def test_it_stays_among_the_files_that_were_sent() -> None:
    done = run(fetch("../../../etc"))
    assert isinstance(done.outcome.error, FolderNotAllowed)
    assert done.files == ()


@pytest.mark.parametrize("path", ["..__x", "__etc__x", "a__..__..__x"])
def test_it_refuses_files_that_lie_elsewhere(path: str) -> None:
    with pytest.raises(UnsafePath):
        run(fetch("."), **{path: b"x"})


def test_it_refuses_a_file_in_a_file() -> None:
    with pytest.raises(Invalid):
        run(fetch("."), a=b"x", a__b=b"x")


@pytest.mark.parametrize("spec", [{}, {"steps": "x"}, {"steps": [{}]}])
def test_it_refuses_what_is_no_template(spec: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"spec\.steps"):
        run(spec)


def test_it_refuses_unknown_actions() -> None:
    with pytest.raises(NotFound):
        run({"steps": [{"action": "no:such"}]})
