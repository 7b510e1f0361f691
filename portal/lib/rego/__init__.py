"""Rego policies: checked when they are saved, evaluated where they can do no harm; whatever goes wrong is a failure."""

from portal.lib.rego.checks import Outline, check
from portal.lib.rego.errors import EngineFailure, Problem, Reason
from portal.lib.rego.evaluating import evaluate, evaluate_rules
from portal.lib.rego.modules import Module, Version, helpers_for

__all__ = [
    "EngineFailure",
    "Module",
    "Outline",
    "Problem",
    "Reason",
    "Version",
    "check",
    "evaluate",
    "evaluate_rules",
    "helpers_for",
]
