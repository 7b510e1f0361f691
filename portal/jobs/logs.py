"""Live logs of jobs: lines are stored in small batches, at most a quarter of a second after they were printed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.dateparse import parse_datetime

FLUSH_SECONDS = 0.2
FLUSH_LINES = 500
LONGEST_LINE = 64_000
MOST_LINES = 100_000


class LogBatch(models.Model):
    """Consecutive lines of one log: ``lines`` are [time, group, level, text], ``first`` is the number of the first."""

    first = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    lines = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line as readers get it. ``group`` is the phase or step that printed it."""

    number: int
    at: datetime | None
    group: str
    level: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The line as the API gives it."""
        at = self.at.isoformat() if self.at else None
        return {"number": self.number, "at": at, "group": self.group, "level": self.level, "text": self.text}


def lines_of(batches: Iterable[LogBatch], after: int = 0) -> Iterator[LogLine]:
    """The lines with a greater number than ``after``, from batches in their order."""
    for batch in batches:
        for number, (at, group, level, text) in enumerate(batch.lines, start=batch.first):
            if number > after:
                yield LogLine(number, parse_datetime(at), group, level, text)


class LogWriter:
    """Collects lines, which must be masked already, and gives them to ``store`` in batches.

    ``store(first, lines)`` runs in the thread that writes, or in the one that flushes while nothing is written; an
    error in the latter is raised by the next write. As a context it flushes by the clock, and once more at its end.
    """

    def __init__(self, store: Callable[[int, list[list[str]]], None], *, first: int = 1) -> None:
        self._store = store
        self._next = first
        self._lines: list[list[str]] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._by_the_clock, daemon=True, name="log-writer")
        self.group = ""

    def write(self, text: str, level: str = "") -> None:
        """Add one line. Lines beyond the limit are dropped after one that says so."""
        with self._lock:
            if self._error is not None:
                raise self._error
            number = self._next + len(self._lines)
            if number > MOST_LINES:
                return
            if number == MOST_LINES:
                text = f"The log has {MOST_LINES} lines; further lines are left out."
            self._lines.append([timezone.now().isoformat(), self.group, level, clean(text)])
            if len(self._lines) >= FLUSH_LINES:
                self._flush()

    def flush(self) -> None:
        """Store what was collected."""
        with self._lock:
            self._flush()

    def _flush(self) -> None:
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        first, self._next = self._next, self._next + len(lines)
        self._store(first, lines)

    def _by_the_clock(self) -> None:
        try:
            while not self._stop.wait(FLUSH_SECONDS):
                self.flush()
        except BaseException as error:
            self._error = error
        finally:
            connection.close()

    def __enter__(self) -> LogWriter:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        if error is None:
            self.flush()


def clean(text: str) -> str:
    """A line as it can be stored: without NUL, and cut where it is very long."""
    text = text.replace("\x00", "")
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}… ({len(text) - LONGEST_LINE} more characters)"
