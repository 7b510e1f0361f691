"""Real processes under the supervisor: what they get, what they may, and that nothing of them stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.lib.masking import Masker
from portal.lib.process_supervisor import _descendants, _parents_from_proc, _parents_from_ps
from portal.lib.processes import EndedBy, Limits, ProgramMissing, Result, clean_environment, run

ENV = {"PATH": os.environ["PATH"]}
QUICK = Limits(grace=0.3, orphan_grace=0.3)


class Lines(list[str]):
    """What a program printed; ``wait_for`` lets a test act when a line is there."""

    @property
    def text(self) -> str:
        return "\n".join(self)


def shell(script: str, tmp_path: Path, lines: list[str], **options: object) -> Result:
    options = {"env": ENV, "limits": QUICK, "poll_seconds": 0.02, **options}
    return run(["sh", "-c", script], cwd=tmp_path, on_line=lines.append, **options)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def test_it_gives_lines_of_both_streams_and_the_exit_code(tmp_path: Path) -> None:
    lines = Lines()
    result = shell("echo out; echo err >&2; printf last; exit 3", tmp_path, lines)
    assert lines == ["out", "err", "last"]
    assert (result.exit_code, result.ended_by, result.succeeded) == (3, EndedBy.ITSELF, False)


def test_it_keeps_the_answer_apart_from_the_log(tmp_path: Path) -> None:
    lines = Lines()
    result = shell("echo answer; echo warning hunter22 >&2", tmp_path, lines, capture=True, masker=Masker(["hunter22"]))
    assert result.captured == b"answer\n"
    assert lines == ["warning ***"]
    assert result.succeeded


def test_it_passes_nothing_of_our_own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "of-the-portal")
    lines = Lines()
    shell("env; cat; ls /dev/fd", tmp_path, lines, env=clean_environment(tmp_path / "home", {"STAGE": "té st"}))
    names = {line.partition("=")[0] for line in lines if "=" in line}
    assert (
        {"PATH", "LANG", "HOME", "TMPDIR", "STAGE"} <= names <= {"PATH", "LANG", "HOME", "TMPDIR", "STAGE", "PWD", "_"}
    )
    assert "STAGE=té st" in lines
    assert [line for line in lines if line.isdigit()] == ["0", "1", "2", "3"]


def test_it_gives_a_private_home_that_others_cannot_read(tmp_path: Path) -> None:
    env = clean_environment(tmp_path / "home", {"HOME": "/root", "TMPDIR": "/tmp"})
    lines = Lines()
    shell('touch "$TMPDIR/file"; ls -l "$TMPDIR"; echo "$HOME"', tmp_path, lines, env=env)
    assert lines[-1] == str(tmp_path / "home")
    assert any(line.startswith("-rw-------") for line in lines)


@pytest.mark.parametrize("program", ["no-such-program", "./not-executable"])
def test_it_says_when_the_program_is_missing(program: str, tmp_path: Path) -> None:
    (tmp_path / "not-executable").write_text("text")
    with pytest.raises(ProgramMissing, match=program):
        run([program], cwd=tmp_path, env=ENV, on_line=print)


def test_it_says_when_the_program_does_not_start(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(ProgramMissing, match=r"does not start: .*No such file"):
        run([str(script)], cwd=tmp_path, env=ENV, on_line=print)


def test_it_ends_at_the_deadline(tmp_path: Path) -> None:
    result = shell("exec sleep 60", tmp_path, Lines(), deadline=time.monotonic() + 0.1)
    assert (result.ended_by, result.exit_code) == (EndedBy.DEADLINE, -signal.SIGTERM)
    assert result.seconds < 2


def test_it_ends_what_is_silent_for_too_long(tmp_path: Path) -> None:
    lines = Lines()
    result = shell("for i in 1 2 3 4; do echo $i; sleep 0.1; done; exec sleep 60", tmp_path, lines, silence_limit=0.4)
    assert lines == ["1", "2", "3", "4"]
    assert result.ended_by is EndedBy.SILENCE
    assert "0.4 seconds" in result.reason


def test_it_ends_when_somebody_cancels(tmp_path: Path) -> None:
    lines = Lines()
    script = "trap 'echo saving; exit 0' TERM; echo started; while :; do sleep 0.05; done"
    result = shell(script, tmp_path, lines, cancelled=lambda: "Stopped by ada" if lines else None)
    assert lines == ["started", "saving"]
    assert (result.ended_by, result.reason, result.succeeded) == (EndedBy.CANCEL, "Stopped by ada", False)


def test_it_kills_what_does_not_listen(tmp_path: Path) -> None:
    lines = Lines()
    result = shell(
        "trap '' TERM; echo on; while :; do sleep 0.05; done", tmp_path, lines, cancelled=lambda: "x" * len(lines)
    )
    assert (result.ended_by, result.exit_code) == (EndedBy.CANCEL, -signal.SIGKILL)
    assert 0.3 <= result.seconds < 3


def test_it_leaves_no_grandchild_behind(tmp_path: Path) -> None:
    lines = Lines()
    escape = "import os, time; os.setsid(); print(os.getpid(), flush=True); time.sleep(60)"
    result = shell(f'sleep 60 & echo $!; ({sys.executable} -c "{escape}" &) ; sleep 0.2', tmp_path, lines)
    assert result.succeeded
    assert result.seconds < 3
    assert len(lines) == 2
    assert not any(is_alive(int(pid)) for pid in lines)


def test_it_stops_a_flood_of_output(tmp_path: Path) -> None:
    lines = Lines()
    result = shell("exec yes 0123456789", tmp_path, lines, limits=Limits(output_bytes=200_000, grace=0.3))
    assert result.ended_by is EndedBy.TOO_MUCH_OUTPUT
    assert "195 KiB" in result.reason
    assert sum(map(len, lines)) <= 200_000


def test_it_stops_an_answer_that_is_too_large(tmp_path: Path) -> None:
    limits = Limits(captured_bytes=100_000, grace=0.3)
    result = shell("exec yes", tmp_path, Lines(), capture=True, limits=limits)
    assert result.ended_by is EndedBy.TOO_MUCH_OUTPUT
    assert len(result.captured) <= 100_000


def test_it_limits_resources(tmp_path: Path) -> None:
    lines = Lines()
    limits = Limits(file_size=1024 * 1024, address_space=1024**3, open_files=64)
    shell("ulimit -c; ulimit -f; ulimit -v; ulimit -n; umask", tmp_path, lines, limits=limits)
    assert lines == ["0", "2048", "1048576" if sys.platform == "linux" else "unlimited", "64", "0077"]


def test_it_ends_the_program_when_its_lines_cannot_be_kept(tmp_path: Path) -> None:
    seen: list[int] = []

    def fail(line: str) -> None:
        seen.append(int(line))
        raise LookupError("no room")

    with pytest.raises(LookupError, match="no room"):
        run(["sh", "-c", "echo $$; exec sleep 60"], cwd=tmp_path, env=ENV, on_line=fail, limits=QUICK)
    assert not is_alive(seen[0])


PORTAL = """
import pathlib, sys
from portal.lib.processes import Limits, run
here = pathlib.Path(sys.argv[1])
run(["sh", "-c", sys.argv[2]], cwd=here, env={"PATH": "/usr/bin:/bin"}, limits=Limits(orphan_grace=0.5),
    on_line=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("trap", ["", "trap 'sleep 0.1; echo much; echo saved > state; exit' TERM;"])
def test_it_leaves_nothing_behind_when_the_portal_is_killed(trap: str, tmp_path: Path) -> None:
    script = f"{trap} (setsid sleep 60 & echo $!); echo $$; while :; do sleep 0.05; done"
    argv = [sys.executable, "-c", PORTAL, str(tmp_path), script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as portal:
        assert portal.stdout
        pids = [int(portal.stdout.readline()) for _ in range(2)]
        assert all(map(is_alive, pids))
        portal.kill()
        assert eventually(lambda: not any(map(is_alive, pids)))
    assert (tmp_path / "state").exists() == bool(trap)


def test_it_notices_that_its_supervisor_was_killed(tmp_path: Path) -> None:
    lines = Lines()
    result = shell("echo $$; kill -9 $PPID; sleep 60", tmp_path, lines)
    assert result.ended_by is EndedBy.SUPERVISOR_LOST
    assert eventually(lambda: not is_alive(int(lines[0])))


DUMPABLE = """
import ctypes
from portal.lib.processes import hide_from_tools
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), end="")
hide_from_tools()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), end="")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc/<pid>/environ")
def test_it_hides_the_portal_from_its_tools() -> None:
    """A process that the kernel would not dump is also not shown to others of the same user (proc(5))."""
    shown = subprocess.run([sys.executable, "-c", DUMPABLE], check=True, capture_output=True, text=True).stdout
    assert shown == "10"


@pytest.mark.skipif(sys.platform != "linux", reason="compares /proc with ps")
def test_it_finds_descendants_without_proc_too() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            assert child.pid in _descendants(os.getpid())
            assert _parents_from_ps()[child.pid] == _parents_from_proc()[child.pid] == os.getpid()
        finally:
            child.kill()
