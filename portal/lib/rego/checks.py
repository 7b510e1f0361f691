"""The check of a policy before it is saved: everything that can be known without an input."""

from __future__ import annotations

from dataclasses import dataclass

from portal.lib.rego import cage
from portal.lib.rego.errors import EngineFailure, Problem, Reason
from portal.lib.rego.lint import FORBIDDEN, lint, package_of
from portal.lib.rego.modules import Module, Version

CHECK_SECONDS = 5.0
CHECK_MEMORY = 256 * 1024**2
# Number of arguments that each forbidden built-in takes; the engine asks for it.
ARGUMENTS = {"opa.runtime": 0, "time.now_ns": 0, "rand.intn": 2}
FORBIDDEN_CALLS = [(name, ARGUMENTS.get(name, 1)) for name in FORBIDDEN if name != "print"]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a policy is: its package and the names of its rules; and everything that must be mended first."""

    package: str = ""
    rules: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


def check(module: Module, *, functions: tuple[str, ...] = ("sanitized",)) -> Outline:
    """Read a policy without evaluating it. ``functions`` are those that helpers give it.

    Raises ``EngineFailure`` only where the engine itself is missing.
    """
    if problems := lint(module.body):
        return Outline(problems=tuple(problems))
    order = {
        "job": "check", "forbidden": FORBIDDEN_CALLS, "functions": functions,
        "modules": [{"name": "policy.rego", "body": module.body, "version": module.version}],
    }  # fmt: skip
    try:
        found = cage.ask(order, timeout=CHECK_SECONDS, memory=CHECK_MEMORY)
    except EngineFailure as error:
        if error.reason is Reason.ENGINE:
            raise
        return Outline(problems=(Problem(error.line, error.column, _hinted(error.detail, module), Reason.COMPILE),))
    try:
        package_of(module.body)
    except EngineFailure as error:
        return Outline(problems=(Problem(error.line, 1, error.detail, error.reason),))
    calls = tuple(_call_problem(row["name"], row["line"], row["column"]) for row in found["calls"])
    return Outline(found["package"], frozenset(found["rules"]), calls)


def _call_problem(name: str, line: int, column: int) -> Problem:
    if name in FORBIDDEN:
        return Problem(line, column, f"{name} is not allowed: {FORBIDDEN[name]}.", Reason.FORBIDDEN)
    return Problem(line, column, f"There is no function {name}. Define it, or mend the name.", Reason.COMPILE)


def _hinted(message: str, module: Module) -> str:
    """The engine's words, with what to do about the commonest mistakes."""
    message = message[:1].upper() + message[1:].rstrip(".") + "."
    is_old_style = module.version is Version.V1 and ("`if` keyword" in message or "`contains` keyword" in message)
    if is_old_style:
        return f"{message} This looks like Rego v0: choose v0 as its version, or write “allow if {{ … }}”."
    if "unsafe" in message:
        return f"{message} Nothing gives this variable a value: is its name right?"
    if "rego.v1" in message and module.version is Version.V0:
        return f"{message} Choose v1 as its version."
    return message
