"""Runs the template engine inside QuickJS: no I/O, bounded memory, bounded time, nothing carried from job to job.

A QuickJS context belongs to the thread that made it and needs a deep C stack for nested templates, so the contexts
live on a few threads of their own.
"""

from __future__ import annotations

import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import quickjs

from portal.lib.errors import Invalid, Unavailable

BASE_DIR: Final = Path(__file__).resolve().parents[2]
ENGINE_PATH: Final = BASE_DIR / "node_modules" / "nunjitsu" / "dist" / "index.cjs"
SOURCES: Final = Path(__file__).parent / "javascript"

THREADS: Final = 4
KEPT_CONTEXTS: Final = 4  # of each thread
THREAD_STACK_BYTES: Final = 16 * 1024 * 1024
SCRIPT_STACK_BYTES: Final = 12 * 1024 * 1024  # under the thread's own stack, which overflows without mercy
OUT_OF_MEMORY: Final = re.compile(r"(^|: )out of memory( in regexp execution)?$")


class SandboxLimit(Invalid):
    """A template needed more time or memory than one may take."""

    code = "expression_limit"
    title = "A template expression takes too much time or memory"


@dataclass(frozen=True)
class Limits:
    """What one job may use. Seconds are processor time, which the host counts over all its threads."""

    seconds: float = 5.0
    memory_bytes: int = 128 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """What is loaded into a context before its first job; contexts are shared by equal programs."""

    hosts: str
    filters: str
    globals: str
    engine_path: Path = ENGINE_PATH
    limits: Limits = Limits()


def run_job(program: Program, job: str) -> dict[str, Any]:
    """Run one job (see ``javascript/render.js``) and give its answer.

    Raises SandboxLimit when a limit ends it, Unavailable when the template engine cannot be loaded.
    """
    return _sandbox.executor().submit(_run_here, program, job).result()


class _Sandbox:
    """The threads of this process; a forked child has none of its parent's and starts its own."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start anew, without asking whether a thread of the parent was just starting the others."""
        self._starting = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def executor(self) -> ThreadPoolExecutor:
        with self._starting:
            self._executor = self._executor or _start_threads()
            return self._executor


_sandbox = _Sandbox()
os.register_at_fork(after_in_child=_sandbox.forget)


def _start_threads() -> ThreadPoolExecutor:
    before = threading.stack_size(THREAD_STACK_BYTES)
    try:
        executor = ThreadPoolExecutor(THREADS, thread_name_prefix="expressions")
        started = threading.Barrier(THREADS)
        for start in [executor.submit(started.wait) for _ in range(THREADS)]:
            start.result()  # each start waits for the others, so every thread has been made with the deep stack
        return executor
    finally:
        threading.stack_size(before)


class _Contexts(threading.local):
    """The idle contexts of one thread, the one used last at the end."""

    def __init__(self) -> None:
        self.idle: dict[Program, Any] = {}

    def take(self, program: Program) -> Any:
        return self.idle.pop(program, None) or _load(program)

    def give_back(self, program: Program, context: Any) -> None:
        self.idle[program] = context
        while len(self.idle) > KEPT_CONTEXTS:
            del self.idle[next(iter(self.idle))]


_contexts = _Contexts()


def _run_here(program: Program, job: str) -> dict[str, Any]:
    context = _contexts.take(program)
    context.set_time_limit(program.limits.seconds)
    try:
        answer: dict[str, Any] = json.loads(context.get("run")(job))
    except quickjs.JSException as error:
        raise _limit(str(error), program.limits) from None
    if _is_exhausted(answer):
        raise _limit("out of memory", program.limits)
    _contexts.give_back(program, context)  # a context that was stopped in the middle of a job is never used again
    return answer


def _is_exhausted(answer: dict[str, Any]) -> bool:
    troubles = [answer["error"]] if "error" in answer else answer.get("warnings", [])
    return any(OUT_OF_MEMORY.search(trouble["message"]) for trouble in troubles)


def _limit(message: str, limits: Limits) -> SandboxLimit:
    if "interrupted" in message:
        return SandboxLimit(
            f"A template expression was stopped after {limits.seconds:g} seconds. Look for a loop that never ends "
            "or a regular expression that tries too many ways.",
            limit="time",
        )
    return SandboxLimit(
        f"A template expression was stopped because it needs more than {limits.memory_bytes // 2**20} MiB of memory.",
        limit="memory",
    )


def _load(program: Program) -> Any:
    context = quickjs.Context()
    context.set_memory_limit(program.limits.memory_bytes)
    context.set_max_stack_size(SCRIPT_STACK_BYTES)
    try:
        context.eval(_bootstrap(program))
    except quickjs.JSException as error:
        raise Unavailable(f"The template engine does not start: {str(error).splitlines()[0]}") from error
    return context


def _bootstrap(program: Program) -> str:
    """One script that loads everything, keeps only ``run`` reachable and freezes the rest."""
    source = {path.stem: path.read_text(encoding="utf-8").strip() for path in SOURCES.glob("*.js")}
    return f"""
    (() => {{
      const platform = {source["platform"]};
      const engine = {{}};
      ((exports, require, Buffer) => {{ {_engine_source(program.engine_path)}
      }})(engine, platform.require, platform.Buffer);
      const filters = {{ ...({source["filters"]})({program.hosts}), ...{program.filters} }};
      globalThis.run = ({source["render"]})(engine, platform, filters, {program.globals});
      ({source["lockdown"]})(globalThis);
    }})()
    """


@cache
def _engine_source(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"The template engine is not installed at {path}. Run `npm ci` or `make up`.") from error
