"""A real Git server over smart HTTP, in a thread, with tokens."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain


@dataclass
class GitServer:
    """A running server with one bare repository at ``/team/demo.git``."""

    port: int
    repo: Path
    token: str
    served: Any = None
    seen: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The repository's address."""
        return f"http://127.0.0.1:{self.port}/team/demo.git"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        return


def _guarded(application: Any, server: GitServer) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "")
        server.seen.append((environ["PATH_INFO"], given))
        if server.token:
            password = base64.b64decode(given.removeprefix("Basic ")).decode().partition(":")[2] if given else ""
            if password != server.token:
                start("401 Unauthorized", [("WWW-Authenticate", "Basic"), ("Content-Length", "0")])
                return [b""]
        answered: Iterable[bytes] = application(environ, start)
        return answered

    return answer


@contextmanager
def serving_git(folder: Path, token: str = "") -> Iterator[GitServer]:
    """Serve a new empty bare repository in ``folder`` while the block runs."""
    path = folder / "demo.git"
    repo = Repo.init_bare(str(path), mkdir=True, default_branch=b"main")
    server = GitServer(0, path, token, repo)
    application = _guarded(make_wsgi_chain(DictBackend(cast(Any, {"/team/demo.git": repo}))), server)
    with make_server("127.0.0.1", 0, application, WSGIServer, _Quiet) as running:
        server.port = running.server_port
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            running.shutdown()
            thread.join()
            repo.close()
