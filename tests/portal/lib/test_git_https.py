"""Reading from and pushing to a real Git server over HTTP."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dulwich.errors import HangupException, HookError
from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.pack import pack_object_header, write_pack_header, write_pack_objects
from dulwich.repo import Repo

from portal.lib.errors import Invalid, PortalError
from portal.lib.fetch import AllowList
from portal.lib.fetch.errors import (
    AddressNotAllowed,
    HostNotAllowed,
    SourceRefused,
    SourceTimeout,
    SourceTooLarge,
    SourceUnavailable,
)
from portal.lib.fetch.outgoing import Policy
from portal.lib.git import (
    BadRemote,
    BranchMoved,
    Git,
    Limits,
    PathMissing,
    PushRefused,
    RefMissing,
    RemoteRefs,
    RepositoryGone,
    repositories,
)
from portal.lib.git.errors import BrokenRepository
from portal.lib.git.packs import check_pack
from portal.lib.git.transport import GuardedClient
from portal.lib.paths import Occupied, files_of
from tests.portal.lib.git_server import GitServer, serving_git
from tests.portal.lib.servers import serving, talking

TOKEN = "s3cret-token"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A server that wants a token."""
    with serving_git(tmp_path, TOKEN) as running:
        yield running


def git(*ports: int, **limits: Any) -> Git:
    """Git that may talk to loopback at these ports."""
    allowed = [f"127.0.0.1:{port}" for port in ports]
    return Git(Policy(AllowList(allowed, allowed)), limits=Limits(**{"deadline": 10, **limits}))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder to push."""
    folder = tmp_path / "files"
    (folder / "src").mkdir(parents=True)
    (folder / "README.md").write_text("# Demo\n")
    (folder / "src" / "run.sh").write_text("echo\n")
    (folder / "src" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("README.md")
    return folder


def push(server: GitServer, folder: Path, branch: str = "main", **options: Any) -> str:
    """Push a folder with the right token."""
    return git(server.port).init_commit_push(
        folder, server.url, branch=branch, **{"message": "First", "token": TOKEN, **options}
    )


def test_it_pushes_a_folder_and_reads_it_back(server: GitServer, files: Path, tmp_path: Path) -> None:
    commit = push(server, files, author="Ada Lovelace <ada@example.com>")
    found = git(server.port).checkout(server.url, ref="main", into=tmp_path / "out", token=TOKEN)
    assert found.commit == commit
    assert files_of(found.folder) == ["README.md", "link", "src/run.sh"]
    assert (found.folder / "link").readlink() == Path("README.md")
    assert (found.folder / "src" / "run.sh").stat().st_mode & 0o111
    with Repo(str(server.repo)) as repo:
        stored = repo[ObjectID(commit.encode())]
        assert isinstance(stored, Commit)
        assert (stored.author, stored.message) == (b"Ada Lovelace <ada@example.com>", b"First\n")


def test_it_lists_and_resolves_refs(server: GitServer, files: Path) -> None:
    assert git(server.port).ls_remote(server.url, token=TOKEN).refs == {}
    commit = push(server, files)
    refs = git(server.port).ls_remote(server.url, token=TOKEN)
    assert (refs.refs["refs/heads/main"], refs.default_branch) == (commit, "main")
    for ref in ("", "main", "refs/heads/main", commit):
        assert git(server.port).resolve_ref(server.url, ref, token=TOKEN) == commit


def test_it_adds_to_a_branch_and_keeps_what_is_there(server: GitServer, files: Path, tmp_path: Path) -> None:
    first = push(server, files)
    more = tmp_path / "more"
    (more / "src").mkdir(parents=True)
    (more / "src" / "new.txt").write_text("new")
    (more / "README.md").write_text("# Changed\n")
    second = push(server, more, message="Second")
    found = git(server.port).checkout(server.url, into=tmp_path / "out", token=TOKEN)
    assert files_of(found.folder) == ["README.md", "link", "src/new.txt", "src/run.sh"]
    assert (found.folder / "README.md").read_text() == "# Changed\n"
    with Repo(str(server.repo)) as repo:
        stored = repo[ObjectID(second.encode())]
        assert isinstance(stored, Commit)
        assert stored.parents == [first.encode()]


def test_it_does_nothing_the_second_time(server: GitServer, files: Path) -> None:
    assert push(server, files) == push(server, files, message="Again")


def test_it_pushes_another_branch(server: GitServer, files: Path) -> None:
    push(server, files)
    push(server, files, "feature/x")
    assert "refs/heads/feature/x" in git(server.port).ls_remote(server.url, token=TOKEN).refs


def test_it_checks_out_a_part(server: GitServer, files: Path, tmp_path: Path) -> None:
    push(server, files)
    folder = git(server.port).checkout(server.url, path_prefix="src", into=tmp_path / "a", token=TOKEN).folder
    assert files_of(folder) == ["run.sh"]
    folder = git(server.port).checkout(server.url, path_prefix="src/run.sh", into=tmp_path / "b", token=TOKEN).folder
    assert files_of(folder) == ["run.sh"]
    with pytest.raises(PathMissing, match="src/none"):
        git(server.port).checkout(server.url, path_prefix="src/none", into=tmp_path / "c", token=TOKEN)
    assert list((tmp_path / "c").iterdir()) == []


def test_it_refuses_a_folder_in_use(server: GitServer, files: Path) -> None:
    push(server, files)
    with pytest.raises(Occupied):
        git(server.port).checkout(server.url, into=files, token=TOKEN)
    assert (files / "README.md").exists()


@pytest.mark.parametrize(("token", "hint"), [("", "wants a token"), ("wrong-token", "refuses the token")])
def test_it_says_that_the_token_is_the_reason(server: GitServer, files: Path, token: str, hint: str) -> None:
    with pytest.raises(SourceRefused, match=hint) as caught:
        push(server, files, token=token)
    assert "wrong-token" not in str(caught.value)


@pytest.mark.parametrize("ref", ["none", "refs/tags/v9", "a b"])
def test_it_says_that_a_branch_is_missing(server: GitServer, files: Path, tmp_path: Path, ref: str) -> None:
    push(server, files)
    with pytest.raises(RefMissing):
        git(server.port).checkout(server.url, ref=ref, into=tmp_path / "out", token=TOKEN)


def test_it_says_that_a_commit_is_missing(server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang_up(_client: object, _path: bytes, choose: Any, *_args: object, **_options: object) -> None:
        choose({})
        raise HangupException

    monkeypatch.setattr(GuardedClient, "fetch_pack", hang_up)
    with pytest.raises(RefMissing, match="aaaa"):
        git(server.port).checkout(server.url, ref="a" * 40, into=tmp_path / "out", token=TOKEN)


def test_it_says_that_a_repository_is_empty(server: GitServer, tmp_path: Path) -> None:
    with pytest.raises(RefMissing, match="empty"):
        git(server.port).checkout(server.url, into=tmp_path / "out", token=TOKEN)


def test_it_says_that_a_repository_is_gone(server: GitServer, tmp_path: Path) -> None:
    with pytest.raises(RepositoryGone, match="other"):
        git(server.port).ls_remote(server.url.replace("demo", "other"), token=TOKEN)


def test_it_says_that_a_page_is_no_repository() -> None:
    with serving() as pages:
        pages.says("/x.git/info/refs", b"<html>", Content_Type="text/html")
        with pytest.raises(RepositoryGone, match="no Git repository"):
            git(pages.port).ls_remote(pages.url("/x.git"))


@pytest.mark.parametrize("body", [b"", b"junk", b"0000", b"001e# service=git-upload-pack\n0000", b"zzzz", b"0004" * 9])
def test_it_says_that_an_answer_is_not_git(body: bytes) -> None:
    with serving() as pages:
        pages.says("/x.git/info/refs", body, Content_Type="application/x-git-upload-pack-advertisement")
        with pytest.raises((BrokenRepository, RefMissing)):
            git(pages.port).resolve_ref(pages.url("/x.git"), "main")


@pytest.mark.parametrize(("status", "error"), [(403, SourceRefused), (410, RepositoryGone), (502, SourceUnavailable)])
def test_it_says_what_a_bad_status_means(status: int, error: type[PortalError]) -> None:
    with serving() as pages:
        pages.says("/x.git/info/refs", b"", status)
        with pytest.raises(error):
            git(pages.port).ls_remote(pages.url("/x.git"))


def test_it_checks_hosts_and_addresses(server: GitServer) -> None:
    with pytest.raises(HostNotAllowed):
        git().ls_remote(server.url)
    with pytest.raises(AddressNotAllowed):
        Git(Policy(AllowList([f"127.0.0.1:{server.port}"]))).ls_remote(server.url)
    assert server.seen == []


def test_it_sends_the_token_to_no_other_origin(server: GitServer) -> None:
    with serving() as other:
        other.redirects("/team/demo.git/info/refs", f"{server.url}/info/refs?service=git-upload-pack")
        with pytest.raises(SourceRefused):
            git(other.port, server.port).ls_remote(other.url("/team/demo.git"), token=TOKEN)
        assert "Authorization" in other.seen[0][2]
    assert [given for _path, given in server.seen] == [""]


def test_it_follows_a_moved_repository_on_the_same_host(server: GitServer, files: Path) -> None:
    push(server, files)
    with serving() as other:
        server.token = ""
        other.redirects("/old.git/info/refs", f"{server.url}/info/refs?service=git-upload-pack")
        assert git(other.port, server.port).resolve_ref(other.url("/old.git"), "main")


def test_it_refuses_tokens_that_are_none(server: GitServer) -> None:
    with pytest.raises(BadRemote) as caught:
        git(server.port).ls_remote(server.url, token="to\nken")
    assert "ken" not in str(caught.value).replace("token", "")


def test_it_gives_up_on_a_server_that_drips() -> None:
    def drip(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n")
        for _byte in range(100):
            connection.sendall(b"f")
            time.sleep(0.02)

    with talking(drip) as port, pytest.raises(SourceTimeout):
        git(port, deadline=0.15).ls_remote(f"http://127.0.0.1:{port}/x.git")


@pytest.mark.parametrize("limits", [{"max_transfer": 100}, {"max_bytes": 1000}, {"max_files": 2}])
def test_it_refuses_what_is_too_large(server: GitServer, files: Path, tmp_path: Path, limits: dict[str, int]) -> None:
    (files / "large.txt").write_text("x" * 2000)
    push(server, files)
    with pytest.raises(SourceTooLarge):
        git(server.port, **limits).checkout(server.url, into=tmp_path / "out", token=TOKEN)
    assert list((tmp_path / "out").iterdir()) == []


def test_it_refuses_to_push_too_much_or_nothing(server: GitServer, files: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceTooLarge):
        push(server, files, limits=Limits(max_files=1))
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match="no files"):
        push(server, tmp_path / "empty")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"branch": "a..b"}, "branch"),
        ({"branch": "-x"}, "branch"),
        ({"branch": ""}, "branch"),
        ({"branch": "\ud800"}, "branch"),
        ({"author": "nobody"}, "author"),
        ({"author": "A <a@b>\nB <c@d>"}, "author"),
        ({"message": "  "}, "message"),
    ],
)
def test_it_refuses_bad_words_about_a_commit(
    server: GitServer, files: Path, options: dict[str, str], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        push(server, files, **options)


def test_it_says_why_a_push_was_refused(server: GitServer, files: Path) -> None:
    def protect(*_change: object) -> None:
        raise HookError("the branch is protected")

    server.served.hooks["update"] = SimpleNamespace(execute=protect)
    with pytest.raises(PushRefused, match="the branch is protected"):
        push(server, files)


def test_it_says_that_somebody_was_faster(server: GitServer, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = push(server, files)
    with monkeypatch.context() as stale:
        stale.setattr(repositories, "remote_refs", lambda _client: RemoteRefs())
        with pytest.raises(BranchMoved):
            push(server, files, message="Not knowing")
    assert git(server.port).resolve_ref(server.url, "main", token=TOKEN) == first


def bomb(size: int, claimed: int) -> bytes:
    """A pack with one blob of ``size`` zeros that claims to be ``claimed`` long."""
    start = BytesIO()
    write_pack_header(start.write, 1)
    packed = zlib.compress(b"\0" * size, 9)
    return b"".join(
        [start.getvalue(), bytes(pack_object_header(3, None, claimed, DEFAULT_OBJECT_FORMAT)), packed, b"\0" * 20]
    )


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (bomb(1_000_000, 1_000_000), SourceTooLarge),
        (bomb(1_000_000, 10), BrokenRepository),
        (bomb(10, 10)[:-25], BrokenRepository),
        (b"PACK" + b"\0\0\0\2\xff\xff\xff\xff", SourceTooLarge),
        (b"PACK" + b"\0\0\0\2\0\0\0\1", BrokenRepository),
        (b"PACK" + b"\0\0\0\2\0\0\0\1" + b"\xff" * 50, BrokenRepository),
        (b"junk and more junk", BrokenRepository),
    ],
)
def test_it_measures_packs_before_unpacking(tmp_path: Path, data: bytes, error: type[PortalError]) -> None:
    path = tmp_path / "x.pack"
    path.write_bytes(data)
    with pytest.raises(error):
        check_pack(path, Limits(max_bytes=100_000, max_files=10))


def test_it_measures_a_pack_of_real_deltas(tmp_path: Path) -> None:
    text = b"".join(b"line %d of a file that hardly changes\n" % number for number in range(500))
    blobs = [Blob.from_string(text + b"%d" % version) for version in range(5)]
    path = tmp_path / "x.pack"
    with path.open("wb") as file:
        write_pack_objects(cast(Any, file.write), [(blob, None) for blob in blobs], DEFAULT_OBJECT_FORMAT, deltify=True)
    assert path.stat().st_size < 2 * len(zlib.compress(text))
    check_pack(path, Limits(max_bytes=6 * len(text)))
    with pytest.raises(SourceTooLarge):
        check_pack(path, Limits(max_bytes=3 * len(text)))


def test_it_measures_what_deltas_make(tmp_path: Path) -> None:
    def varint(number: int) -> bytes:
        out = bytearray()
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes([*out, number])

    delta = varint(10) + varint(5_000_000) + b"\x90\x0a" * 4
    start = BytesIO()
    write_pack_header(start.write, 1)
    header = bytes(pack_object_header(7, b"\1" * 20, len(delta), DEFAULT_OBJECT_FORMAT))
    path = tmp_path / "x.pack"
    path.write_bytes(b"".join([start.getvalue(), header, zlib.compress(delta), b"\0" * 20]))
    with pytest.raises(SourceTooLarge):
        check_pack(path, Limits(max_bytes=100_000))
    check_pack(path, Limits(max_bytes=10_000_000))
