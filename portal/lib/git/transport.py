"""Smart HTTP of Git through the guarded requests of ``portal.lib.fetch``."""

from __future__ import annotations

import base64
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from dulwich.client import AbstractHttpGitClient
from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException, GitProtocolError, SendPackError
from dulwich.object_store import DiskObjectStore, ObjectStoreGraphWalker
from dulwich.objects import ObjectID, ShaFile
from dulwich.pack import UnpackedObject, UnresolvedDeltas, pack_objects_to_data
from dulwich.refs import Ref
from urllib3.exceptions import HTTPError

from portal.lib.fetch.connections import Deadline
from portal.lib.fetch.errors import SourceRefused, SourceUnavailable
from portal.lib.fetch.outgoing import Outgoing, Policy, checked_url, origin_of
from portal.lib.git.errors import BadRemote, BranchMoved, BrokenRepository, PushRefused, RefMissing, RepositoryGone
from portal.lib.git.limits import Limits
from portal.lib.git.packs import PackFile, check_pack
from portal.lib.git.remotes import HttpRemote

# What dulwich raises when the other side does not speak Git properly or sends damaged objects.
BROKEN = (
    GitProtocolError,
    FileFormatException,
    ApplyDeltaError,
    ChecksumMismatch,
    UnresolvedDeltas,
    zlib.error,
    struct.error,
    ValueError,
    AssertionError,
    LookupError,
    EOFError,
)
# User names that the hosts want beside a token; any other host takes any name.
_USERS = {"gitlab": "oauth2", "bitbucket": "x-token-auth"}


@dataclass(frozen=True, slots=True)
class RemoteRefs:
    """The branches and tags of a repository by their full names, and the branch that HEAD names."""

    refs: Mapping[str, str] = field(default_factory=dict)
    default_branch: str = ""

    def find(self, ref: str) -> str:
        """The object that a branch, a tag, a full name or a commit id names; raises RefMissing when there is none."""
        names = [f"refs/heads/{ref}", f"refs/tags/{ref}", ref] if ref else ["HEAD"]
        for name in names:
            if name in self.refs:
                return self.refs[name]
        if len(ref) == 40 and all(letter in "0123456789abcdef" for letter in ref):
            return ref
        raise RefMissing(f"There is no branch, tag or commit {ref!r}." if ref else "The repository is empty.", ref=ref)


@contextmanager
def speaking_git(token: str) -> Iterator[None]:
    """Turn what dulwich raises into errors for people, without the token."""
    try:
        yield
    except SendPackError as error:
        raise PushRefused(f"The push was refused: {_clean(error, token)}") from None
    except BROKEN as error:
        raise BrokenRepository(f"The repository's answer cannot be read: {_clean(error, token)}") from None


def _clean(error: Exception, token: str) -> str:
    text = str(error) or type(error).__name__
    return text.replace(token, "***") if token else text


class GuardedClient(AbstractHttpGitClient):
    """dulwich's client on top of guarded requests: every request and redirect is checked, all share one deadline."""

    def __init__(self, remote: HttpRemote, outgoing: Outgoing, token: str, limits: Limits) -> None:
        """Take the token for this remote's origin; it is not sent to any other."""
        super().__init__(remote.url, quiet=True)
        self._outgoing = outgoing
        self._origin = origin_of(checked_url(remote.url))
        self._authorization = _authorization(remote, token)
        self._limits = limits

    def _get_url(self, path: str | bytes) -> str:
        return self._base_url

    def _post_buffer_size(self, url: str) -> int:
        # What is pushed is in memory already, and with its length known every server takes it.
        return self._limits.max_transfer

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Callable[[int], bytes]]:
        sent = {**(headers or {}), "Pragma": "no-cache"}
        if self._authorization and origin_of(checked_url(url)) == self._origin:
            sent["Authorization"] = self._authorization
        answer = self._outgoing.request("GET" if data is None else "POST", url, sent, data)
        raw = cast(Any, answer.raw)
        self._check(answer.raw.status, url, answer.raw.headers.get("Content-Type", ""))
        raw.content_type = answer.raw.headers.get("Content-Type")
        raw.redirect_location = answer.url if answer.url != url else ""
        return raw, self._reader(answer.raw.read, url)

    def _check(self, status: int, url: str, content_type: str) -> None:
        shown = self._base_url.rstrip("/")
        if status in {401, 403, 407}:
            hint = "refuses the token" if self._authorization else "does not exist, or wants a token"
            raise SourceRefused(f"The repository {shown} {hint} ({status}).")
        if status in {404, 410}:
            raise RepositoryGone(f"There is no repository at {shown}, or it hides without a token.")
        if status != 200:
            raise SourceUnavailable(f"The host of {shown} answered {status}.")
        if not content_type.startswith("application/x-git-"):
            # NOTE: dulwich would take this for the old protocol of plain files; every host today speaks the other.
            raise RepositoryGone(f"There is no Git repository at {shown}.")

    def _reader(self, read: Callable[[int], bytes], url: str) -> Callable[[int], bytes]:
        def bounded(size: int) -> bytes:
            try:
                piece = read(size)
            except (HTTPError, OSError) as error:
                raise self._outgoing.failure(checked_url(url), error) from error
            self._outgoing.deadline.check()
            return piece

        return bounded


def _authorization(remote: HttpRemote, token: str) -> str:
    if not token:
        return ""
    if not (token.isascii() and token.isprintable()):
        raise BadRemote("The token contains characters that no token has.")
    host = checked_url(remote.url).host or ""
    user = next((user for word, user in _USERS.items() if word in host), "x-access-token")
    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()


@contextmanager
def connected(remote: HttpRemote, policy: Policy, token: str, limits: Limits) -> Iterator[GuardedClient]:
    """A client for one operation, with its deadline running and errors turned into ours."""
    with Outgoing(policy, Deadline(limits.deadline)) as outgoing, speaking_git(token):
        yield GuardedClient(remote, outgoing, token, limits)


def remote_refs(client: GuardedClient) -> RemoteRefs:
    """The refs of the repository behind ``client``."""
    answer = client.get_refs(b"")
    head = answer.symrefs.get(Ref(b"HEAD"), b"")
    return RemoteRefs(named(answer.refs), head.decode("utf-8", "replace").removeprefix("refs/heads/"))


def named(refs: Mapping[Ref, ObjectID | None]) -> dict[str, str]:
    """Refs as texts, without those that point at nothing; a tag's commit replaces the tag."""
    found = {name.decode("utf-8", "replace"): sha.decode() for name, sha in refs.items() if sha}
    peeled = {name.removesuffix("^{}"): sha for name, sha in found.items() if name.endswith("^{}")}
    return {name: sha for name, sha in {**found, **peeled}.items() if not name.endswith("^{}")}


def fetch_commit(client: GuardedClient, ref: str, folder: Path, limits: Limits) -> tuple[DiskObjectStore, str]:
    """Fetch the newest commit of ``ref`` without history into the empty ``folder``: its objects, and its id.

    Raises RefMissing, SourceTooLarge or BrokenRepository.
    """
    store = DiskObjectStore.init(folder / "objects")
    wanted: list[str] = []

    def choose(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
        wanted.append(RemoteRefs(named(dict(refs))).find(ref))
        return [ObjectID(wanted[0].encode())]

    with tempfile.NamedTemporaryFile(dir=folder, suffix=".pack") as file:
        pack = PackFile(cast(Any, file), limits)
        try:
            client.fetch_pack(b"", choose, _nothing_known(), pack.write, depth=1, ref_prefix=_prefixes(ref))
        except GitProtocolError:
            if wanted == [ref]:
                # A commit by its id is given or not, and the refusal has no form of its own.
                raise RefMissing(f"The repository gives no commit {ref}.", ref=ref) from None
            raise
        file.flush()
        if pack.size:
            check_pack(Path(file.name), limits)
            file.seek(0)
            store.add_thin_pack(file.read, None)
    return store, wanted[0]


def _prefixes(ref: str) -> list[bytes]:
    if not ref:
        return [b"HEAD"]
    return [f"refs/heads/{ref}".encode(), f"refs/tags/{ref}".encode(), ref.encode()]


def _nothing_known() -> ObjectStoreGraphWalker:
    def no_parents(_sha: ObjectID) -> list[ObjectID]:
        return []

    return ObjectStoreGraphWalker([], no_parents)


def send_commit(client: GuardedClient, ref: Ref, old: str, new: str, objects: Sequence[ShaFile]) -> None:
    """Push the commit ``new`` with ``objects`` to ``ref``, which must still be ``old`` (empty: not there yet).

    Raises BranchMoved when it is not, PushRefused with the words of the other side.
    """

    def update(refs: dict[Ref, ObjectID]) -> dict[Ref, ObjectID]:
        if refs.get(ref, ObjectID(b"")) != old.encode():
            raise BranchMoved("Somebody else pushed to the branch at the same time. Try again.")
        return {ref: ObjectID(new.encode())}

    def pack(_have: object, _want: object, **options: Any) -> tuple[int, Iterator[UnpackedObject]]:
        return pack_objects_to_data(objects, ofs_delta=options.get("ofs_delta", True), deltify=False)

    result = client.send_pack(b"", update, cast(Any, pack))
    if refused := (result.ref_status or {}).get(ref):
        raise PushRefused(f"The push was refused: {refused}")
