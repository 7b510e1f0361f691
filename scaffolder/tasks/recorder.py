"""Writes a task's events as they happen: masked, in small batches, with a notice to whoever watches."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.jobs.claims import LostClaim, held
from portal.jobs.streams import notify
from portal.lib.masking import Masker
from scaffolder.tasks.models import StepState, Task, TaskEvent, TaskStep

FLUSH_SECONDS = 0.1
FLUSH_LINES = 200
LONGEST_MESSAGE = 64_000
MOST_EVENTS = 50_000


def topic_of(task: Task) -> str:
    """The name under which watchers of a task are told that something happened."""
    return f"task:{task.uid}"


class Recorder:
    """Collects events of one claimed task. Every write is fenced: after the claim is lost nothing is stored."""

    def __init__(self, task: Task, masker: Masker) -> None:
        self.task = task
        self.masker = masker
        self._lines: list[TaskEvent] = []
        self._count = 0
        self._last = 0.0
        self._lock = threading.RLock()

    def log(self, message: str, step_id: str = "", **body: Any) -> None:
        """Add one log line, masked. Lines beyond the limit are dropped after one that says so."""
        with self._lock:
            self._count += 1
            if self._count > MOST_EVENTS:
                return
            if self._count == MOST_EVENTS:
                message = f"The log has reached {MOST_EVENTS} lines; further lines are left out."
            text = self.masker.mask(message.replace("\x00", ""))[:LONGEST_MESSAGE]
            self._lines.append(self._event("log", text, step_id, "", body))
            if time.monotonic() - self._last > FLUSH_SECONDS or len(self._lines) >= FLUSH_LINES:
                self.flush()

    def step(self, position: int, step_id: str, state: str, message: str) -> None:
        """Record that a step changed its state, with the log line that says so."""
        with self._lock, transaction.atomic():
            now = timezone.now()
            times = {"started_at": now} if state == StepState.PROCESSING else {"ended_at": now}
            self._check()
            TaskStep.objects.filter(task=self.task, position=position).update(state=state, **times)
            self._lines.append(self._event("log", self.masker.mask(message), step_id, state, {}))
            self.flush()

    def flush(self) -> None:
        """Store what was collected. Raises ``LostClaim`` where the task was taken over."""
        with self._lock, transaction.atomic():
            self._last = time.monotonic()
            if not self._lines:
                return
            self._check()
            TaskEvent.objects.bulk_create(self._lines)
            self._lines = []
            notify(topic_of(self.task))

    def _check(self) -> None:
        if not held(self.task).select_for_update().exists():
            raise LostClaim(f"task {self.task.uid} was taken over")

    def _event(self, kind: str, message: str, step_id: str, status: str, body: dict[str, Any]) -> TaskEvent:
        return TaskEvent(task=self.task, kind=kind, step_id=step_id, status=status, message=message, body=body)
