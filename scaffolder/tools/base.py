"""What every tool can be asked to do, and what all of them share: finding the program, running it, naming its end."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from portal.lib.errors import Invalid, Unavailable
from portal.lib.processes import EndedBy, Result, clean_environment, run
from scaffolder.tools.outcomes import Collected, ExitState, Outcome, PlanOutcome
from scaffolder.tools.workspaces import Workspace


class ToolMissing(Unavailable):
    """The program of a tool is not installed where the runs happen."""

    code = "tool_missing"
    title = "The tool is not installed"


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """What operators decide: paths of programs by tool name, and a folder for downloads that all runs share."""

    programs: Mapping[str, str] = field(default_factory=dict)
    cache: Path | None = None


class Tool(ABC):
    """One infrastructure tool. A run calls ``initialize``, ``plan``, perhaps ``apply``, then ``collect``.

    Every verb prints masked lines to the workspace and gives a typed outcome; none raises for what is wrong with the
    user's code. They raise ``ToolMissing`` where the program is not installed. Nothing is kept between calls except
    below ``workspace.path`` and ``workspace.private``: a plan may be applied by another process, given copies of both
    at the same paths.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    # Whether the portal keeps the state of this tool; without it, only the last apply tells what stands.
    keeps_state: ClassVar[bool] = False
    has_outputs: ClassVar[bool] = False
    # Below the private folder: what ``initialize`` makes again, so that it need not be kept between plan and apply.
    restorable: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: ToolSettings) -> None:
        self.settings = settings

    @abstractmethod
    def program(self) -> Path:
        """The program that runs; raises ``ToolMissing`` with where it was looked for and what to do."""

    @abstractmethod
    def initialize(self, workspace: Workspace) -> Outcome:
        """Make the project ready: backend, providers, modules, roles."""

    @abstractmethod
    def plan(self, workspace: Workspace, *, destroy: bool = False) -> PlanOutcome:
        """Find what an apply would change (or what destroying would take away), and prepare exactly that."""

    @abstractmethod
    def apply(self, workspace: Workspace) -> Outcome:
        """Do what the last ``plan`` of this workspace prepared, and nothing else."""

    @abstractmethod
    def collect(self, workspace: Workspace) -> Collected:
        """What stands now, and the outputs. Also worth asking after an apply that failed."""


def find_program(title: str, configured: str, setting: str, names: Sequence[str], advice: str) -> Path:
    """The program to run: the configured one, else the first of ``names`` on PATH; raises ``ToolMissing``."""
    if configured:
        found = shutil.which(configured)
        if not found:
            raise ToolMissing(f"{title} is not installed: {setting} names {configured}, which is no program. {advice}")
        return Path(found)
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    path = os.environ.get("PATH", os.defpath)
    looked_for = " or ".join(names)
    raise ToolMissing(
        f"{title} is not installed: {setting} is not set, and PATH ({path}) has no {looked_for}. {advice}"
    )


def execute(
    workspace: Workspace,
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    on_line: Callable[[str], None] | None = None,
    capture: bool = False,
) -> Result:
    """Run one command of a tool in the project folder, on the terms of the workspace.

    ``env`` is the tool's own and wins over the workspace's. The command is printed first, unless it is captured.
    """
    if not capture:
        workspace.on_line(f"$ {workspace.masker.mask(shlex.join([Path(argv[0]).name, *argv[1:]]))}")
    return run(
        argv,
        cwd=workspace.project,
        env=clean_environment(workspace.private / "home", {**workspace.env, **env}),
        on_line=on_line or workspace.on_line,
        masker=workspace.masker,
        capture=capture,
        deadline=workspace.deadline,
        silence_limit=workspace.silence_limit,
        limits=workspace.limits,
        cancelled=workspace.cancelled,
    )


def project_problem(workspace: Workspace) -> str:
    """What is wrong with the project's place in the checkout; empty where nothing is."""
    try:
        _ = workspace.project
    except Invalid as error:
        return error.detail
    return ""


def outcome_of(result: Result, what: str, problem: str = "") -> Outcome:
    """The outcome of one command called ``what``; ``problem`` is the tool's own reason, where it gave one."""
    match result.ended_by:
        case EndedBy.ITSELF if result.exit_code == 0:
            return Outcome(ExitState.OK)
        case EndedBy.ITSELF:
            return Outcome(ExitState.FAILED, problem or f"{what} {_exit_words(result.exit_code)}.")
        case EndedBy.CANCEL:
            return Outcome(ExitState.CANCELED, result.reason)
        case EndedBy.DEADLINE | EndedBy.SILENCE:
            return Outcome(ExitState.TIMED_OUT, f"{what} was ended. {result.reason}")
    return Outcome(ExitState.FAILED, f"{what} was ended. {result.reason}")


def _exit_words(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was killed by signal {-code} ({signal.strsignal(-code)})"
