"""A Git host in a thread: real repositories over smart HTTP, and what is needed of three hosts' APIs about them.

It pages its lists, answers 304 to known versions, wants a token, and can ask to be left alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, cast
from urllib.parse import parse_qs, unquote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from dulwich.index import commit_tree
from dulwich.object_store import iter_tree_contents
from dulwich.objects import Blob, Commit
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

Answer = tuple[int, Any, dict[str, str]]
API = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1"}
PER_PAGE = 2


@dataclass
class HostedRepository:
    """A repository and what its host says of it."""

    number: int
    name: str
    repo: Repo
    topics: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_fork: bool = False
    branch: str = "main"
    stamp: str = ""


@dataclass
class GitHost:
    """A running host."""

    folder: Path
    port: int = 0
    token: str = "t0ken"
    repositories: dict[str, HostedRepository] = field(default_factory=dict)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    refusal: Answer | None = None
    broken: str = ""
    budget: int | None = None
    clock: int = 1_700_000_000
    served: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address of the host."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, name: str, files: Mapping[str, str] | None = None, **facts: Any) -> HostedRepository:
        """A new repository, with a first commit where there are files."""
        path = self.folder / f"{name}.git"
        path.mkdir(parents=True)
        made = HostedRepository(len(self.repositories) + 1, name, Repo.init_bare(str(path)), **facts)
        self.repositories[name] = made
        self.served[f"/{name}.git"] = made.repo
        if files:
            self.push(name, files)
        return made

    def push(self, name: str, files: Mapping[str, str | None], branch: str = "") -> str:
        """Commit files on a branch (None removes one); the id of the commit."""
        found = self.repositories[name]
        branch = branch or found.branch
        ref = f"refs/heads/{branch}".encode()
        parents = [found.repo.refs[ref]] if ref in found.repo.refs else []
        blobs = dict(self._entries(found, branch))
        for path_, text in files.items():
            if text is None:
                blobs.pop(path_)
            else:
                blob = Blob.from_string(text.encode())
                found.repo.object_store.add_object(blob)
                blobs[path_] = blob.id
        commit = Commit()
        commit.tree = commit_tree(
            found.repo.object_store, [(path_.encode(), sha, 0o100644) for path_, sha in blobs.items()]
        )
        commit.parents = parents
        commit.author = commit.committer = b"Somebody <somebody@example.com>"
        self.clock += 1
        commit.author_time = commit.commit_time = self.clock
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = b"Change"
        found.repo.object_store.add_object(commit)
        found.repo.refs[ref] = commit.id
        found.repo.refs.set_symbolic_ref(b"HEAD", f"refs/heads/{found.branch}".encode())
        found.stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock))
        return commit.id.decode()

    def _entries(self, found: HostedRepository, branch: str) -> Iterator[tuple[str, bytes]]:
        ref = f"refs/heads/{branch}".encode()
        if ref in found.repo.refs:
            tree = cast("Commit", found.repo[found.repo.refs[ref]]).tree
            for entry in iter_tree_contents(found.repo.object_store, tree):
                yield cast("bytes", entry.path).decode(), cast("bytes", entry.sha)

    def asked(self, part: str) -> int:
        """How many requests had ``part`` in their address."""
        return sum(part in path for _, path, _ in self.seen)

    def limit(self, status: int = 429, **headers: str) -> None:
        """Refuse everything as too many."""
        self.refusal = (
            status,
            {"message": "API rate limit exceeded"},
            {k.replace("_", "-"): v for k, v in headers.items()},
        )

    # What the API answers.

    def answer(self, method: str, path: str, query: dict[str, list[str]]) -> Answer:
        for kind, prefix in API.items():
            if path.startswith(f"{prefix}/"):
                return self._api(kind, path.removeprefix(prefix), query)
        return 404, {"message": "Not Found"}, {}

    def _api(self, kind: str, path: str, query: dict[str, list[str]]) -> Answer:
        if found := re.fullmatch(r"/(?:orgs|groups|users)/([^/]+)/(?:repos|projects)", path):
            return self._list(kind, path, unquote(found[1]), query)
        if found := re.fullmatch(r"/(?:repos/([^/]+/[^/]+)|projects/(\d+)/repository)/(.+)", path):
            rows = [row for row in self.repositories.values() if row.name == found[1] or str(row.number) == found[2]]
            if rows:
                return self._of(kind, rows[0], found[3], query)
        return 404, {"message": "Not Found"}, {}

    def _list(self, kind: str, path: str, owner: str, query: dict[str, list[str]]) -> Answer:
        mine = [row for row in self.repositories.values() if row.name.startswith(f"{owner}/")]
        is_person = path.startswith("/users/")
        if not mine or is_person != (owner == "somebody"):
            return 404, {"message": "Not Found"}, {}
        page = int(query.get("page", ["1"])[0])
        rows = mine[(page - 1) * PER_PAGE : page * PER_PAGE]
        headers = {}
        if page * PER_PAGE < len(mine):
            following = f"{self.url}{API[kind]}{path.replace(owner, owner.replace('/', '%2F'))}?page={page + 1}"
            headers["Link"] = f'<{self.url}/first>; rel="first", <{following}>; rel="next"'
        return 200, [self._facts(kind, row) for row in rows], headers

    def _facts(self, kind: str, row: HostedRepository) -> dict[str, Any]:
        url = f"{self.url}/{row.name}"
        if kind == "gitlab":
            return {
                "id": row.number, "path_with_namespace": row.name, "web_url": url, "default_branch": row.branch,
                "last_activity_at": row.stamp, "topics": row.topics, "archived": row.is_archived,
                "empty_repo": not row.stamp, **({"forked_from_project": {"id": 1}} if row.is_fork else {}),
            }  # fmt: skip
        stamp = {"pushed_at": row.stamp or None} if kind == "github" else {"updated_at": row.stamp}
        return {
            "id": row.number, "full_name": row.name, "html_url": url, "default_branch": row.branch,
            "topics": row.topics, "archived": row.is_archived, "fork": row.is_fork, "empty": not row.stamp,
            "size": 1 if row.stamp else 0, **stamp,
        }  # fmt: skip

    def _of(self, kind: str, row: HostedRepository, what: str, query: dict[str, list[str]]) -> Answer:
        if row.name == self.broken:
            return 500, {"message": "Oops"}, {}
        branch = query.get("ref", [row.branch])[0]
        if tree := re.fullmatch(r"git/trees/(.+)", what):
            return self._tree(row, unquote(tree[1]))
        if what == "tree":
            code, body, headers = self._tree(row, branch)
            return code, body["tree"] if code == 200 else body, headers
        found = re.fullmatch(r"(?:contents|raw|files)/(.+?)(/raw)?", what)
        path = unquote(found[1]) if found else ""
        blobs = dict(self._entries(row, branch))
        if path not in blobs:
            return 404, {"message": "Not Found"}, {}
        return 200, cast("Blob", row.repo[blobs[path]]).data, {}

    def _tree(self, row: HostedRepository, branch: str) -> Answer:
        entries = list(self._entries(row, branch))
        if not entries:
            return 404, {"message": "Not Found"}, {}
        rows: list[dict[str, Any]] = [{"path": path, "type": "blob"} for path, _ in entries]
        rows += [{"path": "folder", "type": "tree"}]
        return 200, {"tree": rows, "truncated": False}, {}

    # The server.

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if ".git/" in path:
            return self._git(environ, start)
        raw = environ["REQUEST_PATH"]
        code, body, headers = self._guarded(environ, raw)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        etag = f'W/"{hashlib.sha1(content + str(headers).encode()).hexdigest()}"'
        if code == 200:
            headers = {**headers, "ETag": etag}
            if environ.get("HTTP_IF_NONE_MATCH") == etag:
                code, content = 304, b""
        self.seen.append((environ["REQUEST_METHOD"], environ["REQUEST_TARGET"], code))
        start(f"{code} Answer", [*headers.items(), ("Content-Length", str(len(content)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else content]

    def _guarded(self, environ: dict[str, Any], path: str) -> Answer:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {self.token}":
            return 401, {"message": "Bad credentials"}, {}
        if self.refusal is not None:
            return self.refusal
        extra: dict[str, str] = {}
        if self.budget is not None:
            self.budget -= 1
            extra = {
                "X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": str(max(self.budget, 0)),
                "X-RateLimit-Reset": str(int(time.time()) + 900),
            }  # fmt: skip
            if self.budget < 0:
                return 403, {"message": "API rate limit exceeded"}, extra
        code, body, headers = self.answer(environ["REQUEST_METHOD"], path, parse_qs(environ["QUERY_STRING"]))
        return code, body, {**headers, **extra}

    def _git(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "")
        self.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], 200))
        password = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")[2] if given else ""
        if password != self.token:
            start("401 Unauthorized", [("WWW-Authenticate", "Basic")])
            return [b""]
        application: Callable[..., Iterable[bytes]] = make_wsgi_chain(DictBackend(self.served))
        return application(environ, start)


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        environ = cast("dict[str, Any]", super().get_environ())
        environ["REQUEST_TARGET"] = self.path
        environ["REQUEST_PATH"] = self.path.partition("?")[0]
        return environ

    def log_message(self, *_args: Any) -> None:
        return


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def hosting(folder: Path) -> Iterator[GitHost]:
    """A host that runs while the block does."""
    host = GitHost(folder)
    with make_server("127.0.0.1", 0, host, server_class=_Server, handler_class=_Handler) as server:
        host.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield host
        server.shutdown()
