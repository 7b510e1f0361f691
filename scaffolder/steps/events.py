"""What a run tells while it goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.lib.errors import PortalError
from scaffolder.steps.plan import Step


class State(StrEnum):
    """States of a step and of a whole run, by their names in Backstage's log."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log, masked; with ``state`` it says that the step's state has changed."""

    message: str
    step: Step | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: completed with its rendered output, failed at a step, or cancelled.

    ``outputs`` are those of the steps that have run, by id; they are not masked.
    """

    state: State
    output: dict[str, Any] = field(default_factory=dict)
    error: PortalError | None = None
    failed_step: Step | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why it failed, with the step's name; empty when it did not."""
        if self.error is None:
            return ""
        return f"{self.failed_step.name}: {self.error.detail}" if self.failed_step else self.error.detail
