"""The process between the portal and a tool: starts the tool under limits and ends all of it, whatever happens to us.

Run as a script with nothing but the standard library: ``python -I -S process_supervisor.py ORDERS REPORTS``, two pipes
from and to the portal. It reads one line of JSON (``Order``), answers with lines of JSON (``started``, ``failed``,
``exited``) and obeys: a line ``stop`` asks the tool to end and kills it after the grace; the end of the pipe means that
the portal is gone, and the tool goes too. It stands apart since only a process of its own survives a SIGKILL of the
portal, can set limits without running Python between fork and exec of a threaded program, and inherits orphaned
grandchildren.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

# PERF: one process more for every command of a tool, so it imports little: without ``typing`` and ``subprocess`` it
# starts in three quarters of the time. Type checkers take this name for ``typing.TYPE_CHECKING``.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TypedDict

    class Order(TypedDict):
        """What to run and how. ``drains`` are reading ends of the tool's output, kept so that it can still write."""

        argv: list[str]
        env: dict[str, str]
        cwd: str
        umask: int
        limits: dict[str, int]
        grace: float
        orphan_grace: float
        parent: int
        drains: list[int]


# prctl(2); by number, since the standard library does not name them.
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ON_LINUX = sys.platform == "linux"
# How long a killed process may take to vanish (one that hangs in a system call does not go at all).
_KILL_SECONDS = 5.0
_PARENT_CHECK_SECONDS = 1.0


def main() -> int:
    """Read the order, run it, report; the exit code says only whether the supervisor itself worked."""
    orders, reports = int(sys.argv[1]), int(sys.argv[2])
    order: Order = json.loads(_read_line(orders))
    for descriptor in (orders, reports, *order["drains"]):
        os.set_inheritable(descriptor, False)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wake_up, alarm = os.pipe()
    os.set_blocking(alarm, False)
    os.set_blocking(wake_up, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(alarm)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    leader, problem = _start(order, reports)
    if problem:
        _tell(reports, {"event": "failed", "error": problem})
        return 1
    code = _Watch(order, orders, leader, wake_up).until_the_end()
    _tell(reports, {"event": "exited", "code": code})
    return 0


class _Watch:
    """Waits for the tool to end, for the portal's word and for the portal's death."""

    def __init__(self, order: Order, orders: int, leader: int, wake_up: int) -> None:
        self.order, self.orders, self.leader, self.wake_up = order, orders, leader, wake_up
        self.kill_at: float | None = None
        self.readers = [orders, wake_up]

    def until_the_end(self) -> int:
        """The exit code of the tool, once nothing of it is left."""
        status = None
        while status is None:
            status = self._look()
            if status is None and self.kill_at is not None and time.monotonic() >= self.kill_at:
                os.kill(self.leader, signal.SIGKILL)
                self.kill_at = time.monotonic() + _PARENT_CHECK_SECONDS
        _kill_descendants(self.leader)
        return os.waitstatus_to_exitcode(status)

    def _look(self) -> int | None:
        ready, _, _ = select.select(self.readers, [], [], self._patience())
        for reader in ready:
            if reader == self.orders:
                self._hear()
            elif not os.read(reader, 65536) and reader != self.wake_up:
                self.readers.remove(reader)
        if self.orders in self.readers and os.getppid() != self.order["parent"]:
            self._be_orphaned()
        return _reap(self.leader)

    def _patience(self) -> float:
        if self.kill_at is None:
            return _PARENT_CHECK_SECONDS
        return min(_PARENT_CHECK_SECONDS, max(0.0, self.kill_at - time.monotonic()))

    def _hear(self) -> None:
        if not os.read(self.orders, 64):
            self._be_orphaned()
        elif self.kill_at is None:
            self._stop(self.order["grace"])

    def _be_orphaned(self) -> None:
        # Nobody reads the tool's output any more; were nobody to drain it, the tool would die of SIGPIPE or hang before
        # it could save its state.
        self.readers = [self.wake_up, *self.order["drains"]]
        self._stop(self.order["orphan_grace"])

    def _stop(self, grace: float) -> None:
        """Ask the leader alone: tools end their own helpers in good order, and a signal to all would cut them off."""
        soonest = time.monotonic() + grace
        if self.kill_at is None:
            # Once only: to Terraform a second signal means to drop everything, its state too.
            os.kill(self.leader, signal.SIGTERM)
        self.kill_at = soonest if self.kill_at is None else min(self.kill_at, soonest)


def _start(order: Order, reports: int) -> tuple[int, str]:
    """Fork and exec the tool; its process id, and what went wrong where it did not start."""
    failure, report = os.pipe()
    gate, key = os.pipe()
    supervisor = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(key)
        _become(order, supervisor, gate, report)
    # The portal must know whom to kill before the tool can do anything, such as killing us.
    _tell(reports, {"event": "started", "pid": child})
    os.write(key, b"go")
    for descriptor in (gate, key, report):
        os.close(descriptor)
    quiet = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(quiet, descriptor)
    problem = b"".join(iter(lambda: os.read(failure, 4096), b"")).decode()
    if problem:
        os.waitpid(child, 0)
    return child, problem


def _become(order: Order, supervisor: int, gate: int, report: int) -> NoReturn:
    """In the child: take on the limits and turn into the tool. Only errors come back, through ``report``."""
    try:
        os.setsid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor or not os.read(gate, 2):
            os._exit(127)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.umask(order["umask"])
        for name, value in order["limits"].items():
            _limit(getattr(resource, name), value)
        os.chdir(order["cwd"])
        environment = {key.encode(errors="surrogateescape"): _bytes(value) for key, value in order["env"].items()}
        os.execve(_bytes(order["argv"][0]), [_bytes(word) for word in order["argv"]], environment)  # noqa: S606 - its job
    except (OSError, ValueError) as error:
        os.write(report, str(error).encode(errors="replace"))
    os._exit(127)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _limit(kind: int, value: int) -> None:
    """Lower a resource limit; one that the system sets lower already stays."""
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))


def _reap(leader: int) -> int | None:
    """Collect every child that ended; the leader's wait status when it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == leader:
            found = status
        if pid == 0:
            return found


def _kill_descendants(leader: int) -> None:
    """SIGKILL whatever the tool left behind, in its group or out of it, until nothing is left."""
    deadline = time.monotonic() + _KILL_SECONDS
    while time.monotonic() < deadline:
        victims = _descendants(os.getpid())
        if not _ON_LINUX:
            _signal_group(leader)
        for victim in victims:
            _signal(victim)
        _reap(leader)
        if not victims:
            return
        time.sleep(0.002)


def _signal_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _descendants(root: int) -> list[int]:
    """Living processes below ``root``. On Linux orphans hang directly below it, since it is their reaper."""
    parents = _parents_from_proc() if _ON_LINUX else _parents_from_ps()
    found, fresh = set[int](), {root}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return sorted(found)


def _parents_from_proc() -> dict[int, int]:
    parents = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib would double the start-up time of this script
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - see above
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state != b"Z":
            parents[int(name)] = int(parent)
    return parents


def _parents_from_ps() -> dict[int, int]:
    import subprocess  # PERF: not on Linux, see above

    table = subprocess.run(["/bin/ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, check=False).stdout
    rows = (line.split() for line in table.splitlines())
    return {int(row[0]): int(row[1]) for row in rows if len(row) == 3 and not row[2].startswith(b"Z")}


def _prctl(option: int, value: int) -> None:
    """A setting of the own process that only Linux has."""
    if _ON_LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _read_line(descriptor: int) -> bytes:
    data = b""
    while not data.endswith(b"\n"):
        more = os.read(descriptor, 65536)
        if not more:
            raise SystemExit("The portal went away before it said what to run.")
        data += more
    return data


def _tell(reports: int, message: dict[str, object]) -> None:
    try:
        os.write(reports, json.dumps(message).encode() + b"\n")
    except OSError:
        return  # The portal is gone; there is nobody to tell.


if __name__ == "__main__":
    raise SystemExit(main())
