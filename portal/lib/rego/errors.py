"""What can be wrong with a policy, at its writing and at its evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.lib.errors import PortalError


class Reason(StrEnum):
    """Why there is no answer."""

    COMPILE = "compile"
    FORBIDDEN = "forbidden"
    RULE = "rule"
    UNDEFINED = "undefined"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"
    TOO_LARGE = "too_large"
    OUTPUT = "output"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in the text of a policy. Lines and columns count from 1; 0 where the place is not known."""

    line: int
    column: int
    message: str
    reason: Reason = Reason.COMPILE

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}" if self.line else self.message


class EngineFailure(PortalError):
    """A policy gave no answer. It counts as a refusal, never as a pass.

    ``reason`` says what kind of failure it is; ``line`` and ``column`` where in the policy, 0 where that is not known.
    """

    code = "policy_failed"
    status = 503
    title = "A policy could not be evaluated"

    def __init__(self, reason: Reason, detail: str, *, line: int = 0, column: int = 0) -> None:
        facts: dict[str, Any] = {"reason": str(reason)}
        if line:
            facts |= {"line": line, "column": column}
        super().__init__(detail, **facts)
        self.reason, self.line, self.column = reason, line, column

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.detail}" if self.line else self.detail
