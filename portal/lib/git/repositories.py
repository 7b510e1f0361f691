"""What the portal does with repositories: list refs, check a commit out, commit and push a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from dulwich.errors import NotGitRepository
from dulwich.object_store import BaseObjectStore
from dulwich.objects import Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from portal.lib import fetch
from portal.lib.fetch.outgoing import Policy, checked_url
from portal.lib.git.commits import NewCommit, build_commit
from portal.lib.git.errors import BranchMoved, FolderNotAllowed, PushRefused, RefMissing, RepositoryGone
from portal.lib.git.limits import DEFAULT_LIMITS, Limits
from portal.lib.git.remotes import HttpRemote, LocalRemote, bare_path, branch_ref, parse_remote
from portal.lib.git.transport import RemoteRefs, connected, fetch_commit, named, remote_refs, send_commit, speaking_git
from portal.lib.git.trees import TreeWriter, commit_of, entry_at
from portal.lib.paths import Occupied, remove


@dataclass(frozen=True, slots=True)
class Checkout:
    """A commit's files in a folder.

    ``neutralised`` are links that led out of it and are small files with their target now; ``submodules`` are folders
    left empty.
    """

    commit: str
    folder: Path
    neutralised: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()


class Git:
    """Repositories behind https hosts of the allow-list and in folders below ``roots``. Safe to share.

    A ``remote`` is an http(s) URL, a ``file://`` URL or a path (see ``remotes.parse_remote``). A ``token`` is sent to
    the origin of the remote only, and is in no error and on no disk. Hooks and filters are never run, submodules never
    fetched. Every method raises BadRemote, FolderNotAllowed, HostNotAllowed, AddressNotAllowed, SourceRefused,
    SourceTimeout, SourceUnavailable, RepositoryGone or BrokenRepository.
    """

    def __init__(self, policy: Policy, roots: Sequence[Path] = (), limits: Limits = DEFAULT_LIMITS) -> None:
        self._policy = policy
        self._roots = list(roots)
        self._limits = limits

    def address_of(self, remote: str) -> str:
        """The full address of a repository that may be used here, whether or not it exists."""
        place = parse_remote(remote, self._roots)
        if isinstance(place, HttpRemote):
            self._policy.allow.check(checked_url(place.url))
            return place.url
        return (place.path if place.path.exists() else bare_path(place.path)).as_uri()

    def ls_remote(self, remote: str, *, token: str = "") -> RemoteRefs:
        """The branches and tags of a repository, and its default branch."""
        place = parse_remote(remote, self._roots)
        if isinstance(place, HttpRemote):
            with connected(place, self._policy, token, self._limits) as client:
                return remote_refs(client)
        with self._open(place) as repo, speaking_git(token):
            return _local_refs(repo)

    def resolve_ref(self, remote: str, ref: str = "", *, token: str = "") -> str:
        """The commit id that a branch, tag or commit id names now; the default branch when ``ref`` is empty.

        Raises RefMissing when there is none.
        """
        return self.ls_remote(remote, token=token).find(ref)

    def checkout(
        self,
        remote: str,
        *,
        into: Path,
        ref: str = "",
        path_prefix: str = "",
        token: str = "",
        limits: Limits | None = None,
    ) -> Checkout:
        """Write the files of ``ref`` (default branch when empty) into the new or empty folder ``into``.

        With ``path_prefix`` only what is below that folder, or that one file under its own name. Raises RefMissing,
        PathMissing or SourceTooLarge also; ``into`` is empty again then.
        """
        limits = limits or self._limits
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise Occupied(f"The folder {into.name} is not empty.")
        with ExitStack() as undo, self._commit(remote, ref, token, limits) as (store, commit):
            undo.callback(_clear, into)
            mode, sha = entry_at(store, commit.tree, path_prefix)
            written = TreeWriter(store, into, limits).write(mode, sha, path_prefix.strip("/").split("/")[-1])
            undo.pop_all()
            return Checkout(commit.id.decode(), into, written.neutralised, written.submodules)

    @contextmanager
    def _commit(self, remote: str, ref: str, token: str, limits: Limits) -> Iterator[tuple[BaseObjectStore, Commit]]:
        place = parse_remote(remote, self._roots)
        if isinstance(place, LocalRemote):
            with self._open(place) as repo, speaking_git(token):
                yield repo.object_store, commit_of(repo.object_store, _local_refs(repo).find(ref))
            return
        with tempfile.TemporaryDirectory(prefix="fetched-") as folder:
            with connected(place, self._policy, token, limits) as client:
                store, sha = fetch_commit(client, ref, Path(folder), limits)
            try:
                with speaking_git(token):
                    yield store, commit_of(store, sha)
            finally:
                store.close()

    def init_commit_push(
        self,
        folder: Path,
        remote: str,
        *,
        branch: str,
        message: str,
        author: str = "",
        token: str = "",
        limits: Limits | None = None,
    ) -> str:
        """Commit everything in ``folder`` on top of ``branch`` of ``remote`` and push it; the id of the new commit.

        The branch is made when it is missing, and so is a local bare repository. Files that are in the branch already
        are kept; when nothing would change, the id of its newest commit is returned and nothing pushed, so that a
        second try does no harm. Raises Invalid for an empty folder or a bad branch, author or message; PushRefused,
        BranchMoved or SourceTooLarge.
        """
        ref, limits = branch_ref(branch), limits or self._limits
        place = parse_remote(remote, self._roots)
        if isinstance(place, LocalRemote):
            with self._open_or_make(place, ref) as repo, speaking_git(token):
                parent = _tip(repo.object_store, _local_refs(repo), ref)
                made = build_commit(
                    folder, message=message, author=author, parent=parent, store=repo.object_store, limits=limits
                )
                return _add_to(repo, ref, parent, made)
        return self._push(folder, place, ref, message, author, token, limits)

    def _push(
        self, folder: Path, place: HttpRemote, ref: Ref, message: str, author: str, token: str, limits: Limits
    ) -> str:
        with (
            tempfile.TemporaryDirectory(prefix="pushed-") as scratch,
            connected(place, self._policy, token, limits) as client,
        ):
            store, parent = None, None
            if ref.decode() in remote_refs(client).refs:
                store, sha = fetch_commit(client, ref.decode(), Path(scratch), limits)
                parent = commit_of(store, sha)
            try:
                made = build_commit(folder, message=message, author=author, parent=parent, store=store, limits=limits)
            finally:
                if store:
                    store.close()
            if made is None:
                return _id(parent)
            send_commit(client, ref, _id(parent), made.commit, made.objects)
            return made.commit

    @contextmanager
    def _open(self, place: LocalRemote) -> Iterator[Repo]:
        try:
            repo = Repo(str(place.path))
        except (NotGitRepository, FileNotFoundError, NotADirectoryError) as error:
            raise RepositoryGone(f"There is no Git repository in {place.path}.") from error
        with repo:
            # SECURITY: a file named .git may send the reader to any folder.
            control = Path(repo.controldir()).resolve()
            if not any(control.is_relative_to(root.resolve()) for root in self._roots):
                raise FolderNotAllowed(f"The repository in {place.path} keeps its objects elsewhere.")
            yield repo

    @contextmanager
    def _open_or_make(self, place: LocalRemote, ref: Ref) -> Iterator[Repo]:
        if not place.path.exists():
            place = LocalRemote(_make_bare(place.path, ref))
        with self._open(place) as repo:
            if not repo.bare:
                raise PushRefused(f"{place.path} is a working copy; only bare repositories are pushed to.")
            yield repo


def _make_bare(path: Path, ref: Ref) -> Path:
    """Make an empty bare repository whose default branch is ``ref``; its folder's name ends with ``.git``."""
    target = bare_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / target.name
        Repo.init_bare(str(fresh), mkdir=True, default_branch=ref.removeprefix(b"refs/heads/")).close()
        try:
            fresh.rename(target)
        except OSError as error:
            # Somebody else made it in this moment; then theirs is as good.
            if not target.is_dir():
                raise PushRefused(f"The repository {target} cannot be made: {error.strerror}") from error
    return target


def _local_refs(repo: Repo) -> RemoteRefs:
    refs = named({name: _peeled(repo, name, sha) for name, sha in repo.get_refs().items()})
    head = repo.refs.read_ref(Ref(b"HEAD")) or b""
    default = head.removeprefix(b"ref: ").decode("utf-8", "replace").removeprefix("refs/heads/")
    return RemoteRefs(refs, default)


def _peeled(repo: Repo, name: Ref, sha: ObjectID) -> ObjectID:
    return repo.get_peeled(name) if name.startswith(b"refs/tags/") else sha


def _tip(store: BaseObjectStore, refs: RemoteRefs, ref: Ref) -> Commit | None:
    try:
        return commit_of(store, refs.find(ref.decode()))
    except RefMissing:
        return None


def _add_to(repo: Repo, ref: Ref, parent: Commit | None, made: NewCommit | None) -> str:
    if made is None:
        return _id(parent)
    repo.object_store.add_objects([(thing, None) for thing in made.objects])
    old = parent.id if parent else None
    fresh = ObjectID(made.commit.encode())
    is_set = repo.refs.set_if_equals(ref, old, fresh) if old else repo.refs.add_if_new(ref, fresh)
    if not is_set:
        raise BranchMoved("Somebody else pushed to the branch at the same time. Try again.")
    return made.commit


def _id(commit: Commit | None) -> str:
    return commit.id.decode() if commit else ""


def _clear(folder: Path) -> None:
    for child in folder.iterdir():
        remove(child)


def from_settings() -> Git:
    """Git with the hosts and folders that operators configured (READING_ALLOW, READING_ALLOW_PRIVATE, GIT_ROOTS)."""
    return Git(fetch.from_settings().policy, settings.GIT_ROOTS)
