"""Hostile policies: they cost their own process and nothing else, and none of them ever passes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from portal.lib.rego import EngineFailure, Module, Reason, cage, evaluate

MIB = 1024**2
CHILD = Path(cage.__file__).with_name("child.py")
ENDLESS = "x := count([1 | some i in numbers.range(1, 60000); some j in numbers.range(1, 60000); i != j])"


def failure(body: str, input: Any = None, query: str = "data.p.x", **limits: Any) -> EngineFailure:
    with pytest.raises(EngineFailure) as found:
        evaluate([Module(f"package p\n{body}")], input or {}, query, **limits)
    return found.value


def children() -> list[int]:
    """Living children of this process that run the engine."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid() and str(CHILD).encode() in command:
            found.append(int(entry.name))
    return found


def test_it_kills_endless_work_at_its_deadline() -> None:
    started = time.monotonic()
    assert failure(ENDLESS, timeout=0.5).reason is Reason.TIMEOUT
    assert time.monotonic() - started < 3
    assert children() == []


def test_it_ends_a_policy_that_fills_the_memory() -> None:
    found = failure("x := [s | some i in numbers.range(1, 10000000); s := {i: i}]", timeout=30, memory=128 * MIB)
    assert found.reason is Reason.MEMORY


def test_it_ends_a_policy_that_doubles_a_text() -> None:
    doubling = "\n".join(f's{n + 1} := concat("", [s{n}, s{n}])' for n in range(40))
    found = failure(f's0 := "aaaaaaaaaaaaaaaa"\n{doubling}\nx := s40', timeout=10, memory=128 * MIB)
    assert found.reason in {Reason.MEMORY, Reason.CRASH}


def test_it_survives_a_function_that_calls_itself_for_ever() -> None:
    found = failure("f(n) := f(n + 1)\nx := f(1)")
    assert found.reason is Reason.CRASH
    assert "calls itself" in found.detail


def test_it_survives_an_expression_that_is_nested_too_deeply() -> None:
    brackets = "\n".join(["x :=", "[\n" * 20_000, "]\n" * 20_000])
    assert failure(brackets).reason in {Reason.CRASH, Reason.RULE, Reason.COMPILE, Reason.TOO_LARGE}


def test_it_refuses_an_input_that_is_nested_too_deeply_or_too_large() -> None:
    deep: Any = {}
    for _ in range(500):
        deep = {"a": deep}
    assert failure("x := 1", deep).reason is Reason.TOO_LARGE
    assert failure("x := 1", {"s": "x" * (9 * MIB)}).reason is Reason.TOO_LARGE
    assert failure("x := 1", {"s": object()}).reason is Reason.TOO_LARGE


def test_it_refuses_an_answer_that_is_too_large() -> None:
    found = failure("x := [input.s | some i in numbers.range(1, 100)]", {"s": "x" * 100_000}, timeout=20)
    assert found.reason is Reason.TOO_LARGE


def test_it_calls_a_killed_child_a_failure() -> None:
    def kill() -> None:
        while not children():
            time.sleep(0.005)
        time.sleep(0.2)
        for pid in children():
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    found = failure(ENDLESS, timeout=20)
    killer.join()
    assert (found.reason, found.detail) == (Reason.CRASH, "The engine ended early (SIGKILL).")


def test_it_says_when_the_engine_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cage.importlib.util, "find_spec", lambda name: None)
    found = failure("x := 1")
    assert found.reason is Reason.ENGINE
    assert "gordon-to-regorus" in found.detail


def test_it_evaluates_side_by_side_without_mixing() -> None:
    found: dict[int, Any] = {}

    def work(number: int) -> None:
        found[number] = evaluate([Module("package p\nx := input.n")], {"n": number}, "data.p.x")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(6)}


def test_it_gives_the_engine_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", "the-keys-of-the-portal")
    seen: list[bytes] = []
    start = cage._start

    def watched() -> subprocess.Popen[bytes]:
        child = start()
        # The new program has replaced the copy of this one once its command says so.
        while str(CHILD).encode() not in Path(f"/proc/{child.pid}/cmdline").read_bytes():
            time.sleep(0.001)
        seen.append(Path(f"/proc/{child.pid}/environ").read_bytes())
        return child

    monkeypatch.setattr(cage, "_start", watched)
    assert evaluate([Module("package p\nx := 1")], {}, "data.p.x") == 1
    assert seen == [b""]


def test_it_leaves_no_process_group_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    start = cage._start

    def watched() -> subprocess.Popen[bytes]:
        child = start()
        groups.append(os.getpgid(child.pid))
        return child

    monkeypatch.setattr(cage, "_start", watched)
    evaluate([Module("package p\nx := 1")], {}, "data.p.x")
    assert groups[0] != os.getpgid(0)


LOCKED = """
import importlib.util, json, os, socket, sys
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
child.lock_in(5)
def attempt(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "did it"
acts = {
    "read": lambda: os.open("/etc/passwd", os.O_RDONLY),
    "write": lambda: os.open("/dev/shm/callboard", os.O_WRONLY | os.O_CREAT),
    "connect": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "local": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "pipe": lambda: os.pipe(),
}
print(json.dumps({name: attempt(act) for name, act in acts.items()}))
"""


def test_it_locks_itself_in_before_it_reads_a_policy() -> None:
    done = subprocess.run([sys.executable, "-I", "-c", LOCKED, str(CHILD)], capture_output=True, env={}, check=True)
    assert json.loads(done.stdout) == dict.fromkeys(["read", "write", "connect", "local", "pipe"], "OSError")


FORBIDDEN = [
    'x := http.send({"method": "get", "url": "http://127.0.0.1/"})',
    'x := http["send"]({})',
    "x := http [ `send` ]({})",
    "x := opa.runtime()",
    "x := time.now_ns()",
    'x := rand.intn("a", 9)',
    'x := uuid.rfc4122("a")',
    'x := rego.parse_module("a", "package b")',
    'x := net.lookup_ip_addr("localhost")',
    'x if trace("a")',
    'x if print("a")',
    "x if { y := 1\n  print ( y ) }",
]


@pytest.mark.parametrize("body", FORBIDDEN)
def test_it_evaluates_no_policy_with_a_forbidden_built_in(body: str) -> None:
    assert failure(body).reason is Reason.FORBIDDEN


@pytest.mark.parametrize("body", [body for body in FORBIDDEN if "print" not in body])
def test_it_refuses_them_in_the_child_too(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.lib.rego.evaluating.lint", lambda body: [])
    assert failure(body).reason in {Reason.FORBIDDEN, Reason.RULE}


def test_it_reads_times_from_the_input() -> None:
    assert evaluate([Module("package p\nx := time.clock(input.at)")], {"at": 10**18}, "data.p.x") == [1, 46, 40]
