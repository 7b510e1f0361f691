"""Repositories in folders that operators allow, and hostile ones that were put there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from dulwich.objects import Blob, Commit, ObjectID, Tag, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList
from portal.lib.fetch.errors import HostNotAllowed
from portal.lib.fetch.outgoing import Policy
from portal.lib.git import BadRemote, BranchMoved, Git, Limits, PushRefused, RefMissing, RepositoryGone, repositories
from portal.lib.git.errors import BrokenRepository, FolderNotAllowed
from portal.lib.git.transport import RemoteRefs
from portal.lib.paths import files_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder in which operators allow repositories."""
    (tmp_path / "git").mkdir()
    return tmp_path / "git"


@pytest.fixture
def git(root: Path) -> Git:
    """Git that may use the root and no host."""
    return Git(Policy(AllowList()), [root])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder to push, with things that do not belong into a commit."""
    folder = tmp_path / "files"
    (folder / "build").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[evil]")
    (folder / "README.md").write_text("# Demo\n")
    (folder / "build" / "out.o").write_text("binary")
    (folder / ".gitignore").write_text("build/\n*.log\n")
    (folder / "x.log").write_text("log")
    return folder


def push(git: Git, folder: Path, remote: str, branch: str = "main", **options: Any) -> str:
    """Push a folder."""
    return git.init_commit_push(folder, remote, branch=branch, **{"message": "First", **options})


def test_it_makes_a_bare_repository_and_pushes(git: Git, root: Path, files: Path, tmp_path: Path) -> None:
    commit = push(git, files, f"file://{root}/team/demo.git", "trunk")
    assert git.ls_remote("team/demo.git").default_branch == "trunk"
    found = git.checkout(str(root / "team" / "demo"), into=tmp_path / "out")
    assert found.commit == commit
    assert files_of(found.folder) == [".gitignore", "README.md"]
    assert [child.name for child in (root / "team").iterdir()] == ["demo.git"]


def test_it_names_a_new_repository_like_a_bare_one(git: Git, root: Path, files: Path) -> None:
    push(git, files, "plain")
    assert (root / "plain.git" / "HEAD").is_file()


def test_it_adds_to_a_branch_and_does_nothing_twice(git: Git, files: Path, tmp_path: Path) -> None:
    first = push(git, files, "demo.git")
    assert push(git, files, "demo.git", message="Again") == first
    (files / "README.md").unlink()
    (files / "README.md").mkdir()
    (files / "README.md" / "now a folder").write_text("x")
    assert push(git, files, "demo.git") != first
    assert files_of(git.checkout("demo.git", into=tmp_path / "out").folder) == [".gitignore", "README.md/now a folder"]


def test_it_resolves_annotated_tags(git: Git, root: Path, files: Path) -> None:
    commit = push(git, files, "demo.git")
    with Repo(str(root / "demo.git")) as repo:
        tag = Tag()
        tag.name, tag.object, tag.message = b"v1", (Commit, ObjectID(commit.encode())), b"x"
        tag.tagger, tag.tag_time, tag.tag_timezone = b"A <a@b>", 0, 0
        repo.object_store.add_object(tag)
        repo.refs[Ref(b"refs/tags/v1")] = tag.id
    assert git.resolve_ref("demo.git", "v1") == commit


@pytest.mark.parametrize(
    "remote",
    ["/etc", "file:///etc/x.git", "../outside.git", "a/../../outside.git", "/", ".", "", "file:///a%00b", "x\0y"],
)
def test_it_refuses_folders_outside_of_the_roots(git: Git, remote: str) -> None:
    with pytest.raises((FolderNotAllowed, BadRemote)):
        git.ls_remote(remote)


@pytest.mark.parametrize(
    "remote", ["ssh://git@host/x", "git@host:x.git", "git://host/x", "ext::sh -c id", "C:\\x", "file://host/x"]
)
def test_it_refuses_other_transports(git: Git, remote: str) -> None:
    with pytest.raises(BadRemote):
        git.ls_remote(remote)


@pytest.mark.parametrize("remote", ["https://u:secret@h/x.git", "https://h/x.git?a=b", "https://h/x y.git", "http://"])
def test_it_refuses_odd_addresses(git: Git, remote: str) -> None:
    with pytest.raises(BadRemote) as caught:
        git.ls_remote(remote)
    assert "secret" not in str(caught.value)


def test_it_refuses_hosts_that_are_not_allowed(git: Git) -> None:
    with pytest.raises(HostNotAllowed):
        git.ls_remote("https://git.example.com/x.git")


def test_it_refuses_a_way_out_through_a_link(git: Git, root: Path, files: Path, tmp_path: Path) -> None:
    Repo.init_bare(str(tmp_path / "outside.git"), mkdir=True).close()
    (root / "link.git").symlink_to(tmp_path / "outside.git")
    (root / "pointer").mkdir()
    (root / "pointer" / ".git").write_text(f"gitdir: {tmp_path}/outside.git")
    for remote in ("link.git", "pointer"):
        with pytest.raises(FolderNotAllowed):
            git.ls_remote(remote)
    with pytest.raises(FolderNotAllowed):
        push(git, files, "link.git/new.git")


@pytest.mark.parametrize("remote", ["none.git", "file.git"])
def test_it_says_that_there_is_no_repository(git: Git, root: Path, remote: str, tmp_path: Path) -> None:
    (root / "file.git").write_text("x")
    with pytest.raises(RepositoryGone, match=remote):
        git.checkout(remote, into=tmp_path / "out")


def test_it_pushes_to_bare_repositories_only(git: Git, root: Path, files: Path) -> None:
    Repo.init(str(root / "work"), mkdir=True).close()
    with pytest.raises(PushRefused, match="working copy"):
        push(git, files, "work")


def test_it_says_that_somebody_was_faster(git: Git, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push(git, files, "demo.git")
    monkeypatch.setattr(repositories, "_local_refs", lambda _repo: RemoteRefs())
    with pytest.raises(BranchMoved):
        push(git, files, "demo.git", message="Not knowing")


def test_it_says_which_branches_are_missing(git: Git, files: Path, tmp_path: Path) -> None:
    push(git, files, "demo.git")
    with pytest.raises(RefMissing, match="other"):
        git.checkout("demo.git", ref="other", into=tmp_path / "out")
    with pytest.raises(RefMissing):
        git.checkout("demo.git", ref="0" * 40, into=tmp_path / "out")


REGULAR, LINK, FOLDER, MODULE = 0o100644, 0o120000, 0o040000, 0o160000


def commit_tree(root: Path, *entries: tuple[bytes, int, bytes | Tree]) -> None:
    """A repository ``hostile.git`` whose newest commit has these entries, however odd."""
    with Repo.init_bare(str(root / "hostile.git"), mkdir=True, default_branch=b"main") as repo:
        tree = Tree()
        for name, mode, content in entries:
            thing = content if isinstance(content, Tree) else Blob.from_string(content)
            repo.object_store.add_object(thing)
            tree.add(name, mode, thing.id)
        commit = Commit()
        commit.tree, commit.author, commit.committer = tree.id, b"A <a@b>", b"A <a@b>"
        commit.author_time = commit.commit_time = commit.author_timezone = commit.commit_timezone = 0
        commit.message = b"x"
        repo.object_store.add_object(tree)
        repo.object_store.add_object(commit)
        repo.refs[Ref(b"refs/heads/main")] = commit.id


@pytest.mark.parametrize(
    "name", [b"..", b".", b".git", b".GIT", b"git~1", b".git ", b"a/b", b"\xff", b"x" * 300, ".g\u200cit".encode()]
)
def test_it_refuses_names_that_no_checkout_may_contain(git: Git, root: Path, tmp_path: Path, name: bytes) -> None:
    commit_tree(root, (b"good", REGULAR, b"x"), (name, REGULAR, b"x"))
    with pytest.raises(BrokenRepository):
        git.checkout("hostile.git", into=tmp_path / "out")
    assert files_of(tmp_path / "out") == []


def test_it_makes_files_of_links_that_lead_out(git: Git, root: Path, tmp_path: Path) -> None:
    inner = Tree()
    commit_tree(
        root,
        (b"abs", LINK, b"/etc/passwd"),
        (b"good", LINK, b"plain"),
        (b"here", LINK, b"."),
        (b"plain", REGULAR, b"x"),
        (b"two", LINK, b"here/../.."),
        (b"up", LINK, b"../../secret"),
        (b"sub", FOLDER, inner),
    )
    found = git.checkout("hostile.git", into=tmp_path / "out")
    assert found.neutralised == ("abs", "two", "up")
    assert (found.folder / "abs").read_text() == "/etc/passwd"
    assert not (found.folder / "abs").is_symlink()
    assert (found.folder / "good").is_symlink()


@pytest.mark.parametrize("target", [b"", b"a\0b"])
def test_it_refuses_links_to_nothing(git: Git, root: Path, tmp_path: Path, target: bytes) -> None:
    commit_tree(root, (b"link", LINK, target))
    with pytest.raises(BrokenRepository):
        git.checkout("hostile.git", into=tmp_path / "out")


def test_it_never_writes_through_a_link_of_the_same_name(git: Git, root: Path, tmp_path: Path) -> None:
    inner = Tree()
    blob = Blob.from_string(b"evil")
    inner.add(b"pwned", REGULAR, blob.id)
    with Repo.init_bare(str(root / "hostile.git"), mkdir=True, default_branch=b"main") as repo:
        link = Blob.from_string(str(tmp_path).encode())
        raw = b"120000 a\0" + bytes.fromhex(link.id.decode()) + b"40000 a\0" + bytes.fromhex(inner.id.decode())
        tree = Tree.from_raw_string(Tree.type_num, raw)
        commit = Commit()
        commit.tree, commit.author, commit.committer = tree.id, b"A <a@b>", b"A <a@b>"
        commit.author_time = commit.commit_time = commit.author_timezone = commit.commit_timezone = 0
        commit.message = b"x"
        for thing in (blob, inner, link, tree, commit):
            repo.object_store.add_object(thing)
        repo.refs[Ref(b"refs/heads/main")] = commit.id
    try:
        git.checkout("hostile.git", into=tmp_path / "out")
    except PortalError:
        assert files_of(tmp_path / "out") == []
    assert not (tmp_path / "pwned").exists()


def test_it_leaves_submodules_alone(git: Git, root: Path, tmp_path: Path) -> None:
    commit_tree(root, (b"module", MODULE, b"x"))
    found = git.checkout("hostile.git", into=tmp_path / "out")
    assert found.submodules == ("module",)
    assert list((tmp_path / "out" / "module").iterdir()) == []


def test_it_stops_at_a_bomb_of_folders(git: Git, root: Path, tmp_path: Path) -> None:
    with Repo.init_bare(str(root / "scratch.git"), mkdir=True) as repo:
        inner = Tree()
        for _level in range(8):
            repo.object_store.add_object(inner)
            outer = Tree()
            for number in range(10):
                outer.add(str(number).encode(), stat.S_IFDIR, inner.id)
            inner = outer
        trees = [tree for sha in repo.object_store if isinstance(tree := repo.object_store[sha], Tree)]
    commit_tree(root, (b"bomb", FOLDER, inner), *((str(at).encode(), FOLDER, tree) for at, tree in enumerate(trees)))
    with pytest.raises(PortalError, match="files"):
        git.checkout("hostile.git", into=tmp_path / "out", limits=Limits(max_files=200))
    assert list((tmp_path / "out").iterdir()) == []


def test_it_refuses_endless_depth(git: Git, root: Path, tmp_path: Path) -> None:
    trees = [Tree()]
    for _level in range(250):
        outer = Tree()
        outer.add(b"d", stat.S_IFDIR, trees[-1].id)
        trees.append(outer)
    commit_tree(
        root, (b"top", FOLDER, trees[-1]), *((str(at).encode(), FOLDER, tree) for at, tree in enumerate(trees[:-1]))
    )
    with pytest.raises(BrokenRepository):
        git.checkout("hostile.git", path_prefix="top", into=tmp_path / "out")


def test_it_refuses_special_files(git: Git, files: Path) -> None:
    os.mkfifo(files / "pipe")
    with pytest.raises(PortalError, match="pipe"):
        push(git, files, "demo.git")
