"""Asking the policies: each in a process of its own, all of them for one decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.lib.rego import EngineFailure, evaluate_rules
from portal.login_policies.decisions import ASKED, Verdict, read_verdict
from portal.login_policies.models import LoginPolicy

SECONDS = 5.0


class PolicyFailed(Exception):
    """One policy gave no answer, so that nobody can be let in; ``cause`` says why."""

    def __init__(self, policy: LoginPolicy, cause: EngineFailure) -> None:
        super().__init__(str(cause))
        self.policy, self.cause = policy, cause


def verdict_of(policy: LoginPolicy, document: dict[str, Any]) -> Verdict:
    """What one policy says. Raises ``PolicyFailed``."""
    try:
        return read_verdict(evaluate_rules(policy.module, document, ASKED, timeout=SECONDS))
    except EngineFailure as error:
        raise PolicyFailed(policy, error) from error


def verdicts_of(policies: Iterable[LoginPolicy], document: dict[str, Any]) -> list[tuple[LoginPolicy, Verdict]]:
    """What each policy says. Raises ``PolicyFailed`` for the first that fails: it might have denied."""
    return [(policy, verdict_of(policy, document)) for policy in policies]
