"""What tools answer: how a phase ended, what a plan would change, what stands after an apply. No secrets in any of it,
except for the values of outputs, which whoever stores them must treat as their flag says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ExitState(StrEnum):
    """How a phase ended."""

    OK = "ok"
    NO_CHANGES = "no_changes"
    FAILED = "failed"
    CANCELED = "canceled"
    TIMED_OUT = "timed_out"


class Action(StrEnum):
    """What a plan would do to a resource. ``RUN`` is a task whose effect the tool cannot foresee."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    MOVE = "move"
    IMPORT = "import"
    FORGET = "forget"
    RUN = "run"


class ResourceStatus(StrEnum):
    """What the tool knows of a resource's state; health over time is for others to judge."""

    OK = "ok"
    TAINTED = "tainted"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning of a tool. ``file`` is relative to the project; 0 is no line."""

    severity: str
    summary: str
    detail: str = ""
    file: str = ""
    line: int = 0
    address: str = ""

    def __str__(self) -> str:
        """One sentence: what, where, and the first words of why."""
        where = f" ({self.file}:{self.line})" if self.file else ""
        return f"{self.summary}{where}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a phase ended; ``reason`` is one sentence for people, empty where all went well."""

    state: ExitState
    reason: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the run may go on."""
        return self.state in {ExitState.OK, ExitState.NO_CHANGES}

    @property
    def failed_addresses(self) -> tuple[str, ...]:
        """The resources that errors name."""
        return tuple(dict.fromkeys(d.address for d in self.diagnostics if d.severity == "error" and d.address))


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that a plan would touch. ``before`` and ``after`` are JSON with secrets hidden.

    ``changed`` names the attributes that differ, also where both sides are hidden; ``actions`` are the tool's words.
    """

    address: str
    type: str
    name: str
    provider: str
    action: Action
    actions: tuple[str, ...] = ()
    before: object = None
    after: object = None
    changed: tuple[str, ...] = ()
    previous_address: str = ""


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What an apply would do. A replaced resource counts as one added and one destroyed, as the tools count."""

    added: int = 0
    changed: int = 0
    destroyed: int = 0
    changes: tuple[Change, ...] = ()
    output_changes: Mapping[str, Action] = field(default_factory=dict)
    has_changes: bool = False


@dataclass(frozen=True, slots=True)
class PlanOutcome(Outcome):
    """How planning ended and, where it succeeded, what it found."""

    plan: PlanSummary | None = None


@dataclass(frozen=True, slots=True)
class ResourceRecord:
    """One thing that stands because of the code. ``attributes`` are JSON with secrets hidden."""

    address: str
    type: str
    name: str
    provider: str
    attributes: Mapping[str, object] = field(default_factory=dict)
    status: ResourceStatus = ResourceStatus.OK
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """One value that the code gives to others. SECURITY: a sensitive one must be encrypted where it is stored."""

    value: object = field(repr=False)
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Collected(Outcome):
    """What stands after an apply, whether it succeeded or not. Only with a successful outcome is it complete."""

    resources: tuple[ResourceRecord, ...] = ()
    outputs: Mapping[str, Output] = field(default_factory=dict)
