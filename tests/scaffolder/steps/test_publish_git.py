"""The workspace as a commit."""

from __future__ import annotations

from typing import Any

import pytest

from portal.lib.errors import Invalid, NotFound, PortalError
from portal.lib.fetch.errors import HostNotAllowed
from portal.lib.git import BadRemote
from portal.lib.git.errors import FolderNotAllowed
from portal.lib.paths import UnsafePath, files_of
from scaffolder.steps.publish_git import PublishGit, _contents, _picked
from tests.scaffolder.steps.stage import Stage


def test_it_pushes_to_a_folder_that_operators_allow(stage: Stage) -> None:
    stage.write("workspace/app/README.md")
    done = stage.run(PublishGit(), folder="team/demo", branch="trunk", sourcePath="app", message="First")
    remote = f"file://{stage.repositories}/team/demo.git"
    assert done["remoteUrl"] == remote
    assert done["repoContentsUrl"] == f"{remote}/blob/trunk"
    found = stage.services.git.checkout(remote, into=stage.root / "out")
    assert found.commit == done["commitHash"]
    assert files_of(found.folder) == ["README.md"]
    assert stage.run(PublishGit(), remote=remote, branch="trunk", sourcePath="app") == done


def test_it_takes_the_inputs_of_other_publishers(stage: Stage) -> None:
    stage.write("workspace/README.md")
    stage.run(
        PublishGit(),
        folder="demo",
        defaultBranch="dev",
        gitCommitMessage="Hello",
        gitAuthorName="Ada",
        gitAuthorEmail="ada@example.com",
    )
    assert stage.services.git.ls_remote("demo").default_branch == "dev"


def test_a_dry_run_pushes_nothing(stage: Stage) -> None:
    stage.write("workspace/README.md")
    done = PublishGit().run(stage.context(is_dry_run=True), {"folder": "demo"})
    assert done["remoteUrl"] == f"file://{stage.repositories}/demo.git"
    assert set(done["commitHash"]) == {"0"}
    assert "Would push 1 files" in stage.lines[-1]
    assert list(stage.repositories.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, Invalid),
        ({"folder": "x", "remote": "https://github.com/o/r"}, Invalid),
        ({"folder": "https://github.com/o/r"}, Invalid),
        ({"folder": "/etc/x.git"}, FolderNotAllowed),
        ({"folder": "../x"}, FolderNotAllowed),
        ({"remote": "ssh://git@github.com/o/r"}, BadRemote),
        ({"remote": "https://user:secret@github.com/o/r"}, BadRemote),
        ({"remote": "https://github.com/o/r"}, HostNotAllowed),
        ({"repoUrl": "github.com?owner=o&repo=r"}, HostNotAllowed),
        ({"repoUrl": "github.com?owner=o"}, Invalid),
        ({"repoUrl": "https://github.com/o/r"}, Invalid),
        ({"folder": "x", "sourcePath": "none"}, NotFound),
        ({"folder": "x", "sourcePath": "../sources"}, UnsafePath),
        ({"folder": "x", "branch": "a..b"}, Invalid),
        ({"folder": "x", "author": "nobody"}, Invalid),
        ({"folder": "x", "gitAuthorEmail": "a b"}, Invalid),
    ],
)
def test_it_refuses_bad_input(stage: Stage, given: dict[str, Any], error: type[PortalError]) -> None:
    stage.write("workspace/README.md")
    with pytest.raises(error) as caught:
        stage.run(PublishGit(), **given)
    assert "secret" not in str(caught.value)
    assert list(stage.repositories.iterdir()) == []


@pytest.mark.parametrize(
    ("picked", "remote"),
    [
        ("github.com?owner=o&repo=r", "https://github.com/o/r.git"),
        ("gitlab.example.com:8443?owner=g%2Fs&repo=r", "https://gitlab.example.com:8443/g/s/r.git"),
        ("bitbucket.org?workspace=w&project=p&repo=r", "https://bitbucket.org/w/r.git"),
        ("dev.azure.com?organization=o&project=p&repo=r", "https://dev.azure.com/o/p/_git/r"),
    ],
)
def test_it_knows_the_remote_of_a_picked_repository(picked: str, remote: str) -> None:
    assert _picked(picked) == remote


@pytest.mark.parametrize(
    ("remote", "contents"),
    [
        ("https://github.com/o/r", "https://github.com/o/r/blob/main"),
        ("https://gitlab.com/g/p.git", "https://gitlab.com/g/p/-/blob/main"),
        ("https://git.example.com/o/r", "https://git.example.com/o/r.git/blob/main"),
    ],
)
def test_it_gives_the_address_of_the_files(remote: str, contents: str) -> None:
    assert _contents(remote, "main") == contents
