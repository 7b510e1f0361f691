"""The processes of a running portal, and the loop that keeps them running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

GRACE_SECONDS = 12
LONGEST_WAIT = 30.0
STEADY_SECONDS = 60.0


@dataclass
class Part:
    """One process that must be running."""

    name: str
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    next_start: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches us alone and we stop it in order."""
        self.process = subprocess.Popen(self.argv, start_new_session=True, stdin=subprocess.DEVNULL)  # noqa: S603
        self.started_at = time.monotonic()

    def look(self, say: Callable[[str], None]) -> None:
        """Notice an end, say so, and start again after a pause that grows while it keeps ending."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.failures = 1 if now - self.started_at > STEADY_SECONDS else self.failures + 1
        pause = min(LONGEST_WAIT, 0.5 * 2 ** (self.failures - 1))
        say(f"{self.name} ended ({_words(code)}); starting it again in {pause:g} s")
        self.signal_group(signal.SIGKILL)
        self.process, self.next_start = None, now + pause

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and everything that it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return


def stop_all(parts: list[Part]) -> None:
    """Ask every part to end, wait, and kill what is left, with everything that it started."""
    for part in parts:
        if part.process is not None:
            part.process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for part in parts:
        if part.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.process.wait(max(0.1, deadline - time.monotonic()))
        part.signal_group(signal.SIGKILL)


def _words(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def portal_parts(host: str, port: int, *, web_workers: int) -> list[Part]:
    """Web server, workers for tasks, for runs and for keeping both alive, and the clock."""
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "portal.celery", "--quiet"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    web = [
        python,
        "-m",
        "granian",
        "portal.asgi:application",
        "--interface",
        "asginl",
        "--host",
        host,
        "--port",
        str(port),
    ]
    return [
        Part(
            "web",
            [*web, "--workers", str(web_workers), "--no-ws", "--respawn-failed-workers", "--log-level", "warning"],
        ),
        Part("worker", [*celery, "worker", "-Q", "default", "-n", "default@%h", "--concurrency", "2", *quiet]),
        Part("runner", [*celery, "worker", "-Q", "runs", "-n", "runs@%h", "--concurrency", "2", *quiet]),
        Part("keeper", [*celery, "worker", "-Q", "keeping", "-n", "keeping@%h", "--pool", "solo", *quiet]),
        Part("clock", [*celery, "beat", "--schedule", _schedule_file(), "--loglevel", "WARNING"]),
    ]


def _schedule_file() -> str:
    return str(Path(os.environ["DATA_DIR"]) / "beat-schedule")
