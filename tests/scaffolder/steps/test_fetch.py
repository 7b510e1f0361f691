"""Files into the workspace: as they are, or rendered."""

from __future__ import annotations

from typing import Any

import pytest

from portal.lib.errors import Invalid, NotFound, PortalError
from portal.lib.fetch.errors import BadUrl, HostNotAllowed
from portal.lib.git import PathMissing
from portal.lib.git.errors import FolderNotAllowed
from portal.lib.paths import Occupied, UnsafePath
from scaffolder.steps.base import Cancelled
from scaffolder.steps.fetch_plain import FetchPlain, FetchPlainFile
from scaffolder.steps.fetch_template import FetchTemplate, FetchTemplateFile
from scaffolder.steps.workspace_template import WorkspaceTemplate, WorkspaceTemplateFile
from tests.scaffolder.steps.stage import Stage

SKELETON = {"url": "./skeleton"}


def test_it_copies_files_as_they_are(stage: Stage) -> None:
    stage.write("sources/skeleton/${{ values.x }}.txt", "${{ values.x }}")
    stage.write("sources/skeleton/.hidden/run.sh", "#!", mode=0o755)
    stage.write("workspace/out/.hidden/run.sh", "old", mode=0o444)
    stage.run(FetchPlain(), url="./skeleton", targetPath="out")
    assert stage.texts() == {"out/${{ values.x }}.txt": "${{ values.x }}", "out/.hidden/run.sh": "#!"}
    assert (stage.workspace / "out" / ".hidden" / "run.sh").stat().st_mode & 0o111


def test_it_copies_one_file(stage: Stage) -> None:
    stage.write("sources/a.bin", b"\0\1")
    stage.run(FetchPlainFile(), url="a.bin", targetPath="deep/b.bin")
    assert (stage.workspace / "deep" / "b.bin").read_bytes() == b"\0\1"
    with pytest.raises(Occupied):
        stage.run(FetchPlainFile(), url="a.bin", targetPath="deep")


@pytest.mark.parametrize("action", [FetchPlain, FetchPlainFile, FetchTemplate, FetchTemplateFile])
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"url": "./none", "targetPath": "x"}, PathMissing),
        ({"url": "../../etc", "targetPath": "x"}, FolderNotAllowed),
        ({"url": "/etc/passwd", "targetPath": "x"}, FolderNotAllowed),
        ({"url": "file:///etc/passwd", "targetPath": "x"}, FolderNotAllowed),
        ({"url": "https://example.com/x", "targetPath": "x"}, HostNotAllowed),
        ({"url": "ftp://example.com/x", "targetPath": "x"}, BadUrl),
        ({"url": "template.yaml", "targetPath": "../x"}, UnsafePath),
        ({"url": "template.yaml", "targetPath": "/x"}, UnsafePath),
    ],
)
def test_it_refuses_bad_addresses_and_targets(
    stage: Stage, action: Any, given: dict[str, str], error: type[PortalError]
) -> None:
    with pytest.raises(error):
        stage.run(action(), **given)
    assert stage.texts() == {}
    assert not (stage.root / "x").exists()


def test_it_renders_names_and_contents(stage: Stage) -> None:
    stage.write("sources/skeleton/src/${{ values.name }}.py", "name = '${{ values.name }}'\n", mode=0o755)
    stage.write("sources/skeleton/{% if values.ci %}.github{% endif %}/ci.yml", "on: push")
    stage.write("sources/skeleton/{% if values.ci %}x{% endif %}", "x")
    stage.write("sources/skeleton/a/${{ values.none }}/b", "x")
    stage.write("sources/skeleton/logo.png", b"\x89PNG\0${{ values.name }}")
    (stage.sources / "skeleton" / "link").symlink_to("${{ values.name }}")
    stage.run(FetchTemplate(), **SKELETON, values={"name": "demo", "ci": False})
    texts = stage.texts()
    assert texts["src/demo.py"] == "name = 'demo'\n"
    assert texts["link"] == "-> ${{ values.name }}"
    assert "${{ values.name }}" in texts["logo.png"]
    assert set(texts) == {"src/demo.py", "link", "logo.png"}
    assert (stage.workspace / "src" / "demo.py").stat().st_mode & 0o111
    assert stage.lines[-1] == "Files: 1 rendered, 2 copied, 3 left out"


def test_it_sees_values_only(stage: Stage) -> None:
    stage.write("sources/skeleton/a", "[${{ parameters }}][${{ values.user }}]")
    stage.run(FetchTemplate(), **SKELETON, values={"user": "me"})
    assert stage.texts() == {"a": "[][me]"}


def test_it_keeps_existing_files_unless_told_to_replace(stage: Stage) -> None:
    stage.write("sources/skeleton/a", "new")
    stage.write("workspace/a", "old")
    stage.run(FetchTemplate(), **SKELETON)
    assert stage.texts() == {"a": "old"}
    stage.run(FetchTemplate(), **SKELETON, replace=True)
    assert stage.texts() == {"a": "new"}


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ({"templateFileExtension": True}, {"a.md": "1", "b.j2": "${{ values.n }}", "1.txt": "${{ values.n }}"}),
        ({"templateFileExtension": "j2"}, {"a.md.njk": "${{ values.n }}", "b": "1", "1.txt": "${{ values.n }}"}),
        (
            {"copyWithoutTemplating": ["*.njk", "*.txt"]},
            {"a.md.njk": "${{ values.n }}", "b.j2": "1", "1.txt": "${{ values.n }}"},
        ),
        (
            {"copyWithoutRender": ["*.txt"]},
            {"a.md.njk": "1", "b.j2": "1", "${{ values.n }}.txt": "${{ values.n }}"},
        ),
    ],
)
def test_it_renders_what_the_options_choose(stage: Stage, options: dict[str, Any], files: dict[str, str]) -> None:
    for name in ("a.md.njk", "b.j2", "${{ values.n }}.txt"):
        stage.write(f"sources/skeleton/{name}", "${{ values.n }}")
    stage.run(FetchTemplate(), **SKELETON, values={"n": 1}, **options)
    assert stage.texts() == files


def test_it_reads_skeletons_of_cookiecutter(stage: Stage) -> None:
    stage.write("sources/skeleton/{{cookiecutter.n}}.txt", "{{ cookiecutter.n }} {{ cookiecutter.o | jsonify }}")
    stage.run(FetchTemplate(), **SKELETON, values={"n": 1, "o": {"a": 2}}, cookiecutterCompat=True)
    assert list(stage.texts()) == ["1.txt"]
    assert stage.texts()["1.txt"].startswith("1 {")


@pytest.mark.parametrize(
    "options",
    [
        {"copyWithoutTemplating": ["a"], "copyWithoutRender": ["a"]},
        {"copyWithoutTemplating": ["a"], "templateFileExtension": True},
        {"cookiecutterCompat": True, "templateFileExtension": ".j2"},
    ],
)
def test_it_refuses_options_that_exclude_each_other(stage: Stage, options: dict[str, Any]) -> None:
    stage.write("sources/skeleton/a")
    with pytest.raises(Invalid, match="together"):
        stage.run(FetchTemplate(), **SKELETON, **options)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("${{ values.up }}.txt", "x"),
        ("${{ values.up }}/deep/x", "x"),
        ("a/b/${{ values.far }}", "x"),
        ("z.txt", "${{ values.none.x() }}"),
        ("${{ values.none.x() }}", "x"),
        ("${{ values.long }}", "x"),
    ],
)
def test_it_leaves_nothing_behind_when_a_skeleton_is_refused(stage: Stage, name: str, text: str) -> None:
    stage.write("sources/skeleton/a-good-one.txt", "good")
    stage.write(f"sources/skeleton/{name}", text)
    values = {"up": "../outside", "far": "../../../outside", "long": "x" * 300}
    with pytest.raises(Invalid):
        stage.run(FetchTemplate(), **SKELETON, values=values)
    assert stage.texts() == {}
    assert sorted(child.name for child in stage.root.iterdir()) == ["git", "sources", "workspace"]


def test_it_may_climb_within_the_target(stage: Stage) -> None:
    stage.write("sources/skeleton/deep/${{ values.up }}.txt")
    stage.run(FetchTemplate(), **SKELETON, values={"up": "../up"})
    assert list(stage.texts()) == ["up.txt"]


def test_it_names_the_file_and_line_that_failed(stage: Stage) -> None:
    stage.write("sources/skeleton/src/a.txt", "one\ntwo ${{ values.none.x() }}")
    with pytest.raises(Invalid, match=r"src/a\.txt, line 2"):
        stage.run(FetchTemplate(), **SKELETON)


def test_it_never_writes_through_links(stage: Stage) -> None:
    stage.write("secret.txt", "untouched")
    stage.write("sources/skeleton/link/x.txt")
    stage.write("sources/skeleton/file.txt", "new")
    (stage.workspace / "link").symlink_to(stage.root)
    (stage.workspace / "file.txt").symlink_to(stage.root / "secret.txt")
    with pytest.raises(UnsafePath):
        stage.run(FetchTemplate(), **SKELETON, replace=True)
    (stage.workspace / "link").unlink()
    stage.run(FetchTemplate(), **SKELETON, replace=True)
    assert stage.texts() == {"file.txt": "new", "link/x.txt": "x"}
    assert (stage.root / "secret.txt").read_text() == "untouched"


def test_it_does_not_follow_links_of_a_skeleton(stage: Stage) -> None:
    (stage.sources / "skeleton").mkdir()
    (stage.sources / "skeleton" / "out").symlink_to("/etc")
    (stage.sources / "skeleton" / "passwd").symlink_to("/etc/passwd")
    stage.run(FetchTemplate(), **SKELETON)
    assert stage.texts() == {"out": "-> /etc", "passwd": "-> /etc/passwd"}
    with pytest.raises(FolderNotAllowed):
        stage.run(FetchPlainFile(), url="skeleton/passwd", targetPath="x")


def test_it_copies_texts_that_are_not_utf8(stage: Stage) -> None:
    stage.write("sources/skeleton/a.txt", "caf\u00e9 ${{ values.n }} and more words".encode("latin-1"))
    stage.run(FetchTemplate(), **SKELETON, values={"n": 1})
    assert b"${{ values.n }}" in (stage.workspace / "a.txt").read_bytes()
    assert any("UTF-8" in line for line in stage.lines)


def test_it_stops_when_cancelled(stage: Stage) -> None:
    stage.write("sources/skeleton/a.txt")
    stage.is_cancelled = True
    with pytest.raises(Cancelled):
        stage.run(FetchTemplate(), **SKELETON)
    assert stage.texts() == {}


def test_it_renders_one_file(stage: Stage) -> None:
    stage.write("sources/a.txt", "{% if values.n %}\nn=${{ values.n }}\n{% endif %}\n")
    given = {"url": "a.txt", "targetPath": "d/b.txt"}
    stage.run(FetchTemplateFile(), **given, values={"n": 1}, trimBlocks=True)
    assert stage.texts() == {"d/b.txt": "n=1\n"}
    stage.run(FetchTemplateFile(), **given, values={"n": 2})
    assert stage.texts() == {"d/b.txt": "n=1\n"}
    stage.run(FetchTemplateFile(), **given, values={"n": 2}, replace=True, trimBlocks=True)
    assert stage.texts() == {"d/b.txt": "n=2\n"}


@pytest.mark.parametrize(
    ("data", "target", "error"),
    [(b"\xff\xfe\xfd", "b", Invalid), (b"x", "taken", Invalid), (b"x", "file/x", Occupied)],
)
def test_it_refuses_to_render_one_file(stage: Stage, data: bytes, target: str, error: type[PortalError]) -> None:
    stage.write("sources/a.txt", data)
    stage.write("workspace/taken/x")
    stage.write("workspace/file")
    with pytest.raises(error):
        stage.run(FetchTemplateFile(), url="a.txt", targetPath=target, replace=True)


def test_it_renders_within_the_workspace(stage: Stage) -> None:
    stage.write("workspace/raw/${{ values.n }}.txt", "${{ values.n }}")
    stage.run(WorkspaceTemplate(), sourcePath="raw", targetPath="done", values={"n": 1})
    stage.run(WorkspaceTemplateFile(), sourcePath="raw/${{ values.n }}.txt", targetPath="one", values={"n": 2})
    assert stage.texts() == {"done/1.txt": "1", "one": "2", "raw/${{ values.n }}.txt": "${{ values.n }}"}


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        ("none", "x", NotFound),
        ("raw", "raw/x", Invalid),
        ("raw", "./raw", Invalid),
        ("raw", "../x", UnsafePath),
        ("../raw", "x", UnsafePath),
    ],
)
def test_it_refuses_bad_folders_of_the_workspace(
    stage: Stage, source: str, target: str, error: type[PortalError]
) -> None:
    stage.write("workspace/raw/a")
    for action in (WorkspaceTemplate(), WorkspaceTemplateFile()):
        with pytest.raises((error, NotFound)):
            stage.run(action, sourcePath=source, targetPath=target)
    assert stage.texts() == {"raw/a": "x"}
