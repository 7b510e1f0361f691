"""One reader for files and folders wherever they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.fetch.errors import BadUrl, HostNotAllowed, SourceGone
from portal.lib.fetch.outgoing import Policy
from portal.lib.git import Git, PathMissing, SourceReader
from portal.lib.git.errors import FolderNotAllowed
from portal.lib.paths import files_of
from tests.portal.lib.git_server import serving_git
from tests.portal.lib.servers import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server."""
    with serving() as running:
        yield running


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    """Local files that may be read, and one beside them that may not."""
    (tmp_path / "roots" / "one" / "skeleton").mkdir(parents=True)
    (tmp_path / "roots" / "one" / "template.yaml").write_text("template")
    (tmp_path / "roots" / "one" / "skeleton" / "a.txt").write_text("a")
    (tmp_path / "roots" / "one" / "skeleton" / "out").symlink_to("/etc")
    (tmp_path / "roots" / "shared").mkdir()
    (tmp_path / "roots" / "shared" / "b.txt").write_text("b")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "roots"


def reader(*ports: int, roots: tuple[Path, ...] = (), git_roots: tuple[Path, ...] = ()) -> SourceReader:
    """A reader that may talk to loopback at these ports."""
    allowed = [f"127.0.0.1:{port}" for port in ports]
    fetcher = Fetcher(AllowList(allowed, allowed))
    return SourceReader(fetcher, Git(fetcher.policy, git_roots), file_roots=roots)


def test_it_reads_files_beside_a_file_on_a_web_server(server: Server) -> None:
    server.says("/d/b.yaml", b"b")
    server.says("/o/r/raw/main/d/c.yaml", b"c")
    read = reader(server.port).read_file
    assert read("./b.yaml", base_url=server.url("/d/a.yaml")) == b"b"
    assert read("c.yaml", base_url=server.url("/o/r/blob/main/d/a.yaml")) == b"c"
    with pytest.raises(SourceGone):
        read(server.url("/none"))


def test_it_gives_a_single_web_file_as_a_folder(server: Server) -> None:
    server.says("/d/b.yaml", b"b")
    with reader(server.port).open_folder(server.url("/d/b.yaml"), token="t") as folder:
        assert files_of(folder) == ["b.yaml"]
    assert server.seen[0][2]["Authorization"] == "Bearer t"
    assert not folder.exists()


def test_it_reads_from_a_repository_with_a_token(tmp_path: Path, roots: Path) -> None:
    (roots / "one" / "skeleton" / "out").unlink()
    with serving_git(tmp_path, "t0ken") as server:
        source = reader(server.port)
        source._git.init_commit_push(roots / "one", server.url, branch="main", message="x", token="t0ken")
        base = f"{server.url}/blob/main/template.yaml"
        assert source.read_file(base, token="t0ken") == b"template"
        source.copy_folder("./skeleton", tmp_path / "copy", base_url=base, token="t0ken")
    assert files_of(tmp_path / "copy") == ["a.txt"]


def test_it_reads_from_a_local_repository(tmp_path: Path, roots: Path) -> None:
    source = reader(git_roots=(tmp_path,))
    (roots / "one" / "skeleton" / "out").unlink()
    source._git.init_commit_push(roots, str(tmp_path / "x.git"), branch="main", message="x")
    base = f"file://{tmp_path}/x.git/blob/main/one/template.yaml"
    assert source.read_file("../shared/b.txt", base_url=base) == b"b"
    with pytest.raises(PathMissing):
        source.read_file("./skeleton", base_url=base)
    assert source.read_file(base, base_url=base) == b"template"


def test_it_reads_other_local_repositories_only_when_told_to(tmp_path: Path, roots: Path) -> None:
    git = Git(Policy(AllowList()), [tmp_path])
    (roots / "one" / "skeleton" / "out").unlink()
    git.init_commit_push(roots, str(tmp_path / "x.git"), branch="main", message="x")
    url = f"file://{tmp_path}/x.git/blob/main/one/template.yaml"
    with pytest.raises(FolderNotAllowed):
        reader(git_roots=(tmp_path,)).read_file(url, base_url="https://github.com/o/r/blob/main/t.yaml")
    assert SourceReader(Fetcher(AllowList()), git, local_git=True).read_file(url) == b"template"


def test_it_reads_local_folders_beside_a_local_file(roots: Path, tmp_path: Path) -> None:
    base = (roots / "one" / "template.yaml").as_uri()
    reader().copy_folder("./skeleton", tmp_path / "copy", base_url=base)
    assert files_of(tmp_path / "copy") == ["a.txt", "out"]
    assert (tmp_path / "copy" / "out").readlink() == Path("/etc")
    with reader().open_folder("skeleton/a.txt", base_url=base) as folder:
        assert files_of(folder) == ["a.txt"]


def test_it_climbs_only_below_a_root(roots: Path) -> None:
    base = (roots / "one" / "template.yaml").as_uri()
    with pytest.raises(FolderNotAllowed):
        reader().read_file("../shared/b.txt", base_url=base)
    assert reader(roots=(roots,)).read_file("../shared/b.txt", base_url=base) == b"b"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("../../secret.txt", FolderNotAllowed),
        ("/etc/passwd", FolderNotAllowed),
        ("file:///etc/passwd", FolderNotAllowed),
        ("skeleton/out/passwd", FolderNotAllowed),
        ("missing", PathMissing),
        ("skeleton", PathMissing),
        ("https://git.example.com/x.git/blob/main/a", HostNotAllowed),
        ("ssh://x/y", BadUrl),
    ],
)
def test_it_refuses_what_it_may_not_read(roots: Path, url: str, error: type[PortalError]) -> None:
    with pytest.raises(error):
        reader(roots=(roots,)).read_file(url, base_url=(roots / "one" / "template.yaml").as_uri())
