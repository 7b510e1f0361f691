"""Runs a program for people: scrubbed environment, limits, deadline, cancel, and nothing of it left behind."""

from __future__ import annotations

import ctypes
import json
import math
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from portal.lib.errors import Unavailable
from portal.lib.masking import MaskedLines, Masker

_SUPERVISOR = Path(__file__).with_name("process_supervisor.py")
_PR_SET_DUMPABLE = 4
_READ_BYTES = 64 * 1024
# How long the supervisor may take beyond its graces before it is killed itself.
_PATIENCE_SECONDS = 10.0
_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3


class ProgramMissing(Unavailable):
    """The program cannot be started: it is not there, or it is not executable."""

    code = "program_missing"
    title = "A program that this needs cannot be started"


class EndedBy(StrEnum):
    """Why a program is no longer running."""

    ITSELF = "itself"
    CANCEL = "cancel"
    DEADLINE = "deadline"
    SILENCE = "silence"
    TOO_MUCH_OUTPUT = "too_much_output"
    SUPERVISOR_LOST = "supervisor_lost"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use. Bytes and counts; ``None`` leaves the system's own limit.

    ``grace`` seconds pass between SIGTERM and SIGKILL, ``orphan_grace`` when the portal itself died: keep it below the
    lease of a run, so that the program is gone before somebody else takes the run over.
    """

    output_bytes: int = 64 * _MIB
    captured_bytes: int = 64 * _MIB
    file_size: int | None = 8 * _GIB
    address_space: int | None = None
    processes: int | None = None
    open_files: int | None = None
    grace: float = 30.0
    orphan_grace: float = 8.0
    umask: int = 0o077

    def as_resources(self) -> dict[str, int]:
        """The limits that the system enforces, by the names of the ``resource`` module."""
        wanted = {
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": self.file_size,
            # macOS knows the name and refuses every value.
            "RLIMIT_AS": None if sys.platform == "darwin" else self.address_space,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": self.open_files,
        }
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Result:
    """How a program ended. A negative ``exit_code`` is the number of the signal that ended it."""

    exit_code: int
    ended_by: EndedBy
    reason: str
    seconds: float
    captured: bytes = b""

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.ended_by is EndedBy.ITSELF and self.exit_code == 0


def clean_environment(home: Path, declared: Mapping[str, str]) -> dict[str, str]:
    """The environment of a tool: a private ``HOME`` and ``TMPDIR``, ``PATH``, ``LANG``, and what was declared for it.

    SECURITY: nothing else of our own environment may come through; it holds the keys of the portal.
    """
    temporary = home / "tmp"
    temporary.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        **declared,
        "HOME": str(home),
        "TMPDIR": str(temporary),
    }


def hide_from_tools() -> None:
    """Keep programs of the same user from reading this process: to be called by every process that runs tools.

    SECURITY: a tool runs whatever code people wrote, as our own user; on Linux it could otherwise read the portal's
    keys from ``/proc/<us>/environ``. Does nothing on other systems, which have no such files.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    masker: Masker | None = None,
    capture: bool = False,
    deadline: float | None = None,
    silence_limit: float | None = None,
    limits: Limits | None = None,
    cancelled: Callable[[], str | None] = lambda: None,
    poll_seconds: float = 0.5,
) -> Result:
    """Run ``argv`` with exactly ``env`` and give its output line by line, masked, to ``on_line``.

    With ``capture`` the standard output is kept in ``Result.captured`` instead, and only errors are lines.
    ``deadline`` is a moment of ``time.monotonic()``, ``silence_limit`` seconds without output; ``cancelled`` is asked
    every ``poll_seconds`` and gives the reason for which to stop, or None. Whichever comes first ends the program, and
    with it every process that it started. Raises ``ProgramMissing`` where it does not start; an error of ``on_line``
    or ``cancelled`` ends the program and is raised.
    """
    order = _Order(argv, cwd, env, limits or Limits())
    pace = _Pace(deadline, silence_limit, cancelled, poll_seconds)
    with _started(order, capture=capture) as program:
        running = _Running(program, order.limits, pace, (masker or Masker(patterns=False)).stream(), on_line)
        return running.until_the_end()


@dataclass(frozen=True, slots=True)
class _Order:
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    limits: Limits

    def program(self) -> str:
        """The path of the program; raises ``ProgramMissing``."""
        path = shutil.which(self.argv[0], path=self.env.get("PATH", os.defpath))
        if path is None:
            raise ProgramMissing(f"{self.argv[0]} is not an executable program.", program=self.argv[0])
        return path

    def as_json(self, program: str, drains: list[int]) -> bytes:
        """The order as the supervisor reads it."""
        order = {
            "argv": [program, *self.argv[1:]],
            "env": dict(self.env),
            "cwd": str(self.cwd),
            "umask": self.limits.umask,
            "limits": self.limits.as_resources(),
            "grace": self.limits.grace,
            "orphan_grace": self.limits.orphan_grace,
            "parent": os.getpid(),
            "drains": drains,
        }
        return json.dumps(order).encode() + b"\n"


@dataclass(slots=True)
class _Pace:
    """When to stop a program, and why."""

    deadline: float | None
    silence_limit: float | None
    cancelled: Callable[[], str | None]
    poll_seconds: float
    asked_at: float = -math.inf
    heard_at: float = field(default_factory=time.monotonic)

    def verdict(self) -> tuple[EndedBy, str] | None:
        """What ends the program now, if anything does."""
        now = time.monotonic()
        if self.deadline is not None and now >= self.deadline:
            return EndedBy.DEADLINE, "It did not end before its deadline."
        if self.silence_limit is not None and now - self.heard_at >= self.silence_limit:
            return EndedBy.SILENCE, f"It printed nothing for {self.silence_limit:g} seconds."
        if now - self.asked_at >= self.poll_seconds:
            self.asked_at = now
            if reason := self.cancelled():
                return EndedBy.CANCEL, reason
        return None

    def patience(self) -> float:
        """Seconds until there may be a new verdict."""
        now = time.monotonic()
        moments = [self.asked_at + self.poll_seconds]
        if self.deadline is not None:
            moments.append(self.deadline)
        if self.silence_limit is not None:
            moments.append(self.heard_at + self.silence_limit)
        return max(0.0, min(moments) - now)


@dataclass(frozen=True, slots=True)
class _Program:
    """A supervisor at work: where it takes orders and reports, and the reading ends of the tool's output."""

    orders: int
    reports: int
    lines: int
    captured: int | None


@contextmanager
def _started(order: _Order, *, capture: bool) -> Iterator[_Program]:
    """Start the supervisor with the order; at the end, however it comes, see to it that nothing is left."""
    with ExitStack() as stack:
        program = order.program()
        orders_out, orders = os.pipe()
        reports, reports_in = _pipe(stack)
        lines, lines_in = _pipe(stack)
        captured, captured_in = _pipe(stack) if capture else (None, lines_in)
        drains = [lines] if captured is None else [lines, captured]
        order_book = stack.enter_context(open(orders, "wb"))  # noqa: PTH123 - a descriptor
        supervisor = _spawn_supervisor([orders_out, reports_in], captured_in, lines_in, drains)
        stack.callback(_bury, supervisor, order.limits.orphan_grace + _PATIENCE_SECONDS)
        # The end of this pipe is what tells the supervisor to finish, so it closes before we wait for it.
        stack.callback(order_book.close)
        order_book.write(order.as_json(program, drains))
        order_book.flush()
        yield _Program(orders, reports, lines, captured)


def _pipe(stack: ExitStack) -> tuple[int, int]:
    """A pipe whose reading end is closed with the stack; ``_spawn_supervisor`` closes the writing end."""
    read, write = os.pipe()
    stack.callback(os.close, read)
    return read, write


def _spawn_supervisor(control: list[int], out: int, err: int, drains: list[int]) -> subprocess.Popen[bytes]:
    """Start the supervisor with the ends that are its own, and close them here."""
    try:
        return subprocess.Popen(  # noqa: S603 - our own script by our own interpreter
            [sys.executable, "-I", "-S", str(_SUPERVISOR), *map(str, control)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            pass_fds=[*control, *drains],
            env={},
            cwd="/",
            start_new_session=True,
        )
    finally:
        for end in {*control, out, err}:
            os.close(end)


def _bury(supervisor: subprocess.Popen[bytes], patience: float) -> None:
    """Wait for the supervisor, which ends its tool when the orders end."""
    try:
        supervisor.wait(patience)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()


class _Running:
    """Reads what the tool prints and what its supervisor reports until both are done."""

    def __init__(
        self, program: _Program, limits: Limits, pace: _Pace, stream: MaskedLines, on_line: Callable[[str], None]
    ) -> None:
        self.program, self.limits, self.pace, self.stream, self.on_line = program, limits, pace, stream, on_line
        self.captured = bytearray()
        self.printed = 0
        self.verdict: tuple[EndedBy, str] | None = None
        self.exit_code: int | None = None
        self.tool: int | None = None
        self.give_up_at: float | None = None

    def until_the_end(self) -> Result:
        started = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self.program.reports, selectors.EVENT_READ, self._hear)
            selector.register(self.program.lines, selectors.EVENT_READ, self._read_lines)
            if (answer := self.program.captured) is not None:
                selector.register(answer, selectors.EVENT_READ, partial(self._read_captured, answer))
            while selector.get_map() and not self._is_hopeless():
                for key, _ in selector.select(self._patience()):
                    if not key.data():
                        selector.unregister(key.fileobj)
                self._judge()
        self._give(self.stream.flush())
        ended_by, reason = self.verdict or (EndedBy.ITSELF, "")
        code = -signal.SIGKILL if self.exit_code is None else self.exit_code
        return Result(code, ended_by, reason, time.monotonic() - started, bytes(self.captured))

    def _patience(self) -> float:
        if self.give_up_at is not None:
            return max(0.0, self.give_up_at - time.monotonic())
        # Until the supervisor has reported the start there is nothing to judge, and its report ends the waiting.
        return self.pace.patience() if self.tool is not None else _PATIENCE_SECONDS

    def _is_hopeless(self) -> bool:
        """Whether the end was due long ago: a process in an unkillable system call, or one that hid from us."""
        return self.give_up_at is not None and time.monotonic() >= self.give_up_at

    def _judge(self) -> None:
        if self.tool is not None and self.give_up_at is None and (verdict := self.pace.verdict()):
            self._stop(verdict)

    def _stop(self, verdict: tuple[EndedBy, str]) -> None:
        if self.verdict is not None or self.exit_code is not None:
            return
        self.verdict = verdict
        self.give_up_at = time.monotonic() + self.limits.grace + _PATIENCE_SECONDS
        try:
            os.write(self.program.orders, b"stop\n")
        except OSError:
            return  # The supervisor is gone already; the end of its reports tells the rest.

    def _hear(self) -> bool:
        """Take the supervisor's reports; false when there will be no more."""
        data = os.read(self.program.reports, _READ_BYTES)
        for line in data.splitlines():
            report = json.loads(line)
            if report["event"] == "failed":
                raise ProgramMissing(f"The program does not start: {report['error']}")
            if report["event"] == "started":
                self.tool = report["pid"]
            if report["event"] == "exited":
                self.exit_code = report["code"]
                # Output that is in the pipe is read to its end; only a process that escaped could hold it open.
                self.give_up_at = time.monotonic() + _PATIENCE_SECONDS
        if not data and self.exit_code is None:
            self._lose_supervisor()
        return bool(data)

    def _lose_supervisor(self) -> None:
        """Somebody killed the supervisor. The kernel kills the tool with it on Linux; its group we kill ourselves."""
        self.verdict = self.verdict or (EndedBy.SUPERVISOR_LOST, "Its supervising process was killed.")
        self.give_up_at = time.monotonic() + _PATIENCE_SECONDS
        if self.tool is not None:
            try:
                os.killpg(self.tool, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    def _read_lines(self) -> bool:
        data = os.read(self.program.lines, _READ_BYTES)
        self.pace.heard_at = time.monotonic()
        self.printed += len(data)
        if self.printed <= self.limits.output_bytes:
            self._give(self.stream.feed(data))
        else:
            self._stop((EndedBy.TOO_MUCH_OUTPUT, f"It printed more than {_size(self.limits.output_bytes)}."))
        return bool(data)

    def _read_captured(self, answer: int) -> bool:
        data = os.read(answer, _READ_BYTES)
        self.pace.heard_at = time.monotonic()
        if len(self.captured) + len(data) <= self.limits.captured_bytes:
            self.captured += data
        else:
            self._stop((EndedBy.TOO_MUCH_OUTPUT, f"Its answer is larger than {_size(self.limits.captured_bytes)}."))
        return bool(data)

    def _give(self, lines: list[str]) -> None:
        for line in lines:
            self.on_line(line)


def _size(count: int) -> str:
    return f"{count // _MIB} MiB" if count >= _MIB else f"{count // _KIB} KiB" if count >= _KIB else f"{count} bytes"
