"""Running the child: one process for each evaluation, killed with all that it is at its deadline.

The supervisor of ``portal.lib.processes`` is for tools that start helpers and must end in good order. A policy has
nothing to end: the child can start nothing, so a kill is enough, and it costs half the time of two processes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from portal.lib.rego.errors import EngineFailure, Reason

MAX_INPUT = 8 * 1024 * 1024
MAX_OUTPUT = 4 * 1024 * 1024
_MAX_COMPLAINTS = 64 * 1024
_CHUNK = 64 * 1024
_CHILD = Path(__file__).with_name("child.py")
_NO_MEMORY = (b"memory allocation of", b"MemoryError", b"out of memory")


def ask(order: dict[str, Any], *, timeout: float, memory: int) -> Any:
    """What the child answers to ``order``. Raises ``EngineFailure`` for everything else that can happen."""
    data = json.dumps({**order, "memory": memory, "cpu": int(timeout) + 1}, ensure_ascii=True).encode()
    if len(data) > MAX_INPUT:
        raise EngineFailure(Reason.TOO_LARGE, f"The input is larger than {MAX_INPUT // 1024**2} MiB.")
    child = _start()
    try:
        output, complaints = _Talk(child, data, time.monotonic() + timeout, timeout).until_the_end()
        code = child.wait()
    finally:
        _kill(child)
    return _answer(output, complaints, code)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own script by our own interpreter
        [sys.executable, "-I", "-S", "-X", "utf8", str(_CHILD), _engine_folder()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd="/",
        start_new_session=True,
    )


def _engine_folder() -> str:
    found = importlib.util.find_spec("regorus")
    if found is None or found.origin is None:
        raise EngineFailure(Reason.ENGINE, "The policy engine is not installed; install the package gordon-to-regorus.")
    return str(Path(found.origin).parents[1])


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and its group, if they have not ended by themselves, and leave no zombie."""
    if child.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None  # noqa: S101 (each stream of the child is a pipe, see ``_start``)
    return end


class _Talk:
    """Writes the order and reads the answer without ever waiting longer than the deadline."""

    def __init__(self, child: subprocess.Popen[bytes], data: bytes, deadline: float, timeout: float) -> None:
        self.stdin, self.stdout, self.stderr = _pipe(child.stdin), _pipe(child.stdout), _pipe(child.stderr)
        self.rest, self.deadline, self.timeout = memoryview(data), deadline, timeout
        self.output, self.complaints = bytearray(), bytearray()

    def until_the_end(self) -> tuple[bytes, bytes]:
        """All that the child wrote."""
        with selectors.DefaultSelector() as selector:
            os.set_blocking(self.stdin.fileno(), False)
            selector.register(self.stdin, selectors.EVENT_WRITE, self._write)
            selector.register(self.stdout, selectors.EVENT_READ, self._read)
            selector.register(self.stderr, selectors.EVENT_READ, self._hear)
            while selector.get_map():
                left = self.deadline - time.monotonic()
                if left <= 0:
                    raise EngineFailure(Reason.TIMEOUT, f"It took longer than {self.timeout:g} seconds.")
                for key, _ in selector.select(left):
                    if not key.data():
                        selector.unregister(key.fileobj)
        return bytes(self.output), bytes(self.complaints)

    def _write(self) -> bool:
        try:
            self.rest = self.rest[os.write(self.stdin.fileno(), self.rest[:_CHUNK]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            self.rest = self.rest[:0]
        if not self.rest:
            self.stdin.close()
        return bool(self.rest)

    def _read(self) -> bool:
        data = os.read(self.stdout.fileno(), _CHUNK)
        self.output += data
        if len(self.output) > MAX_OUTPUT:
            raise EngineFailure(Reason.TOO_LARGE, f"Its answer is larger than {MAX_OUTPUT // 1024**2} MiB.")
        return bool(data)

    def _hear(self) -> bool:
        data = os.read(self.stderr.fileno(), _CHUNK)
        self.complaints += data[: max(0, _MAX_COMPLAINTS - len(self.complaints))]
        return bool(data)


def _answer(output: bytes, complaints: bytes, code: int) -> Any:
    if code != 0:
        raise _ended(code, complaints)
    try:
        answer = json.loads(output)
        failure = answer.get("failure")
        if failure is None:
            return answer["ok"]
        reason = Reason(failure["reason"])
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise EngineFailure(Reason.OUTPUT, "The engine's answer can not be read.") from error
    is_own = failure.get("file") in (None, "policy.rego")
    raise EngineFailure(
        reason, failure["message"], line=failure.get("line", 0) if is_own else 0, column=failure.get("column", 0)
    )


def _ended(code: int, complaints: bytes) -> EngineFailure:
    if any(words in complaints for words in _NO_MEMORY):
        return EngineFailure(Reason.MEMORY, "It needs more memory than a policy may have.")
    if code == -signal.SIGXCPU:
        return EngineFailure(Reason.TIMEOUT, "It used more time of the processor than a policy may have.")
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    hint = " A function that calls itself without end does this." if code == -signal.SIGSEGV else ""
    return EngineFailure(Reason.CRASH, f"The engine ended early ({name}).{hint}")
