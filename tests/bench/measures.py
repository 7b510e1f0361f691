"""Taking times: medians of several, and what a process and its children used."""

from __future__ import annotations

import http.client
import json
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

Row = tuple[str, str, str]


def milliseconds(act: Callable[[], Any], *, times: int = 60, warm: int = 8) -> float:
    """The median time of ``act`` in milliseconds."""
    for _ in range(warm):
        act()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def with_children(act: Callable[[], Any]) -> tuple[float, float, float]:
    """(wall seconds, CPU seconds of children, their largest resident size so far in MiB) of ``act``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    act()
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


class Client:
    """One kept connection, as a browser or a script has it."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> bytes:
        """The body of an answer that must be a success."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {**self._headers, **headers})
        answer = self._connection.getresponse()
        raw = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {raw[:300]!r}")
        return raw
