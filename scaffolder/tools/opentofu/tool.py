"""Runs OpenTofu (or Terraform): state in the portal over HTTP, credentials and variables by environment alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

from portal.lib.processes import EndedBy, Result
from scaffolder.tools.base import Tool, execute, find_program, outcome_of, project_problem
from scaffolder.tools.opentofu.cache import provider_cache
from scaffolder.tools.opentofu.diagnostics import DiagnosticsReader
from scaffolder.tools.opentofu.documents import Document, read_plan, read_state
from scaffolder.tools.opentofu.settings import OVERRIDE, environment, foreign_backend, write_backend
from scaffolder.tools.outcomes import Collected, ExitState, Outcome, PlanOutcome, PlanSummary
from scaffolder.tools.workspaces import Workspace

_ADVICE = (
    "Install OpenTofu (https://opentofu.org/docs/intro/install/) or set TOFU_BINARY to the path of tofu or terraform."
)
_CALM = ("-input=false", "-no-color")
# What ``plan -detailed-exitcode`` answers where there is something to do.
_HAS_CHANGES = 2


class OpenTofu(Tool):
    """``tofu`` or ``terraform``, whichever is configured or found first. It has no options."""

    name: ClassVar[str] = "opentofu"
    title: ClassVar[str] = "OpenTofu"
    keeps_state: ClassVar[bool] = True
    has_outputs: ClassVar[bool] = True
    restorable: ClassVar[tuple[str, ...]] = ("terraform/providers",)

    def program(self) -> Path:
        """The configured binary, else ``tofu``, else ``terraform`` on PATH."""
        configured = self.settings.programs.get(self.name, "")
        return find_program(self.title, configured, "TOFU_BINARY", ("tofu", "terraform"), _ADVICE)

    def initialize(self, workspace: Workspace) -> Outcome:
        """``init`` with the portal's backend in place of the project's, and providers from the shared cache."""
        if problem := project_problem(workspace):
            return Outcome(ExitState.FAILED, problem)
        write_backend(workspace)
        with provider_cache(self.settings.cache, workspace) as cache:
            _, outcome = self._run(workspace, "init", "-reconfigure", env=cache)
        foreign = foreign_backend(_data(workspace)) if workspace.state and outcome.succeeded else None
        if foreign:
            reason = (
                f"The project replaces the portal's state backend by {foreign!r}, in an override file after {OVERRIDE}."
            )
            return Outcome(ExitState.FAILED, reason, outcome.diagnostics)
        return outcome

    def plan(self, workspace: Workspace, *, destroy: bool = False) -> PlanOutcome:
        """``plan`` into a file, then ``show -json`` of it; the file is what ``apply`` will do."""
        words = ["-destroy"] if destroy else []
        plan_file = _plan_file(workspace)
        result, outcome = self._run(
            workspace, "plan", "-detailed-exitcode", f"-out={plan_file}", *words, *_lock_words(workspace)
        )
        if not outcome.succeeded:
            # OpenTofu also writes plans that it calls incomplete; none of them is to be applied.
            plan_file.unlink(missing_ok=True)
            return PlanOutcome(outcome.state, outcome.reason, outcome.diagnostics)
        if result.exit_code != _HAS_CHANGES:
            return PlanOutcome(ExitState.NO_CHANGES, "", outcome.diagnostics, PlanSummary())
        document, shown = self._show(workspace, str(plan_file))
        if document is None:
            return PlanOutcome(shown.state, shown.reason, shown.diagnostics)
        return PlanOutcome(ExitState.OK, "", outcome.diagnostics, read_plan(document, workspace.masker))

    def apply(self, workspace: Workspace) -> Outcome:
        """``apply`` of the planned file, once: it is deleted, and OpenTofu itself refuses one that became stale."""
        plan_file = _plan_file(workspace)
        if not plan_file.is_file():
            return Outcome(ExitState.FAILED, "There is no plan to apply. Plan first.")
        try:
            _, outcome = self._run(workspace, "apply", *_lock_words(workspace), last=str(plan_file))
        finally:
            plan_file.unlink(missing_ok=True)
        return outcome

    def collect(self, workspace: Workspace) -> Collected:
        """``show -json`` of the state: resources and outputs in one answer."""
        document, outcome = self._show(workspace)
        if document is None:
            return Collected(outcome.state, outcome.reason, outcome.diagnostics)
        resources, outputs = read_state(document, workspace.masker)
        return Collected(ExitState.OK, resources=resources, outputs=outputs)

    def _run(
        self, workspace: Workspace, command: str, *words: str, last: str = "", env: dict[str, str] | None = None
    ) -> tuple[Result, Outcome]:
        """Run one command whose output people read; the outcome names the first error in it."""
        reader = DiagnosticsReader()

        def on_line(line: str) -> None:
            reader.read(line)
            workspace.on_line(line)

        argv = [str(self.program()), command, *_CALM, *words, *([last] if last else [])]
        result = execute(workspace, argv, {**environment(workspace, _data(workspace)), **(env or {})}, on_line=on_line)
        if command == "plan" and result.ended_by is EndedBy.ITSELF and result.exit_code == _HAS_CHANGES:
            return result, Outcome(ExitState.OK, "", reader.all())
        outcome = outcome_of(result, f"{Path(argv[0]).name} {command}", reader.problem())
        return result, Outcome(outcome.state, outcome.reason, reader.all())

    def _show(self, workspace: Workspace, *words: str) -> tuple[Document | None, Outcome]:
        """``show -json`` of a plan file or of the state; None with the reason where that fails."""
        reader = DiagnosticsReader()
        argv = [str(self.program()), "show", "-json", "-no-color", *words]
        env = environment(workspace, _data(workspace))
        result = execute(workspace, argv, env, on_line=reader.read, capture=True)
        outcome = outcome_of(result, f"{Path(argv[0]).name} show", reader.problem())
        if not outcome.succeeded:
            return None, Outcome(outcome.state, outcome.reason, reader.all())
        try:
            return json.loads(result.captured), outcome
        except ValueError as error:
            return None, Outcome(ExitState.FAILED, f"The answer of tofu show cannot be read: {error}")


def _data(workspace: Workspace) -> Path:
    """Where OpenTofu keeps modules and providers: not in the checkout, which may bring such a folder along."""
    return workspace.private / "terraform"


def _plan_file(workspace: Workspace) -> Path:
    return workspace.private / "plan.tfplan"


def _lock_words(workspace: Workspace) -> list[str]:
    return [f"-lock-timeout={workspace.state.lock_timeout_seconds}s"] if workspace.state else []
