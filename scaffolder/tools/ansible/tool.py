"""Runs Ansible: a check run is the plan, a run is the apply, and a plug-in tells what happened to every task."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from portal.lib.errors import Invalid
from portal.lib.processes import Result
from scaffolder.tools.ansible.diagnostics import ErrorsReader
from scaffolder.tools.ansible.events import Events, failures_of, outputs_of, plan_of, read_events, resources_of
from scaffolder.tools.ansible.project import find_destroy_playbook, find_playbook, galaxy_commands, inventory_words
from scaffolder.tools.base import Tool, execute, find_program, outcome_of, project_problem
from scaffolder.tools.outcomes import Collected, Diagnostic, ExitState, Outcome, PlanOutcome, PlanSummary
from scaffolder.tools.workspaces import Workspace

_ADVICE = (
    "Install ansible-core into the portal's environment or set ANSIBLE_PLAYBOOK_BINARY to the path of ansible-playbook."
)
_CALLBACKS = Path(__file__).with_name("callbacks")
# How the log looks; a project may choose otherwise.
_LOOKS = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_LOCALHOST_WARNING": "0",
    "ANSIBLE_NOCOWS": "1",
}
_PLANNED, _APPLIED, _EVENTS, _CHECK_EVENTS = "planned.json", "applied.json", "events.jsonl", "check-events.jsonl"


class Ansible(Tool):
    """``ansible-playbook``.

    Options of a stack: ``playbook``, ``destroy_playbook`` and ``inventory`` (paths in the project; usual names are
    found without) and ``check``: ``off`` plans nothing and lets every apply run, for playbooks that cannot be checked.
    """

    name: ClassVar[str] = "ansible"
    title: ClassVar[str] = "Ansible"
    has_outputs: ClassVar[bool] = True

    def program(self) -> Path:
        """The configured binary, else the one beside our own Python, else the one on PATH."""
        configured = self.settings.programs.get(self.name, "")
        beside = Path(sys.executable).with_name("ansible-playbook")
        if not configured and os.access(beside, os.X_OK):
            return beside
        return find_program(self.title, configured, "ANSIBLE_PLAYBOOK_BINARY", ("ansible-playbook",), _ADVICE)

    def initialize(self, workspace: Workspace) -> Outcome:
        """Install the roles and collections that the project requires."""
        if problem := project_problem(workspace):
            return Outcome(ExitState.FAILED, problem)
        galaxy = self.program().with_name("ansible-galaxy")
        for words in galaxy_commands(workspace):
            reader = ErrorsReader(workspace.project)
            result = self._execute(workspace, [str(galaxy), *words], reader)
            outcome = outcome_of(result, "ansible-galaxy", "; ".join(map(str, reader.all()[:2])))
            if not outcome.succeeded:
                return Outcome(outcome.state, outcome.reason, reader.all())
        return Outcome(ExitState.OK)

    def plan(self, workspace: Workspace, *, destroy: bool = False) -> PlanOutcome:
        """``--check --diff``: what the playbook, or with ``destroy`` the one that takes away, would change."""
        planned = _folder(workspace) / _PLANNED
        planned.unlink(missing_ok=True)
        try:
            playbook = find_destroy_playbook(workspace) if destroy else find_playbook(workspace)
            summary, outcome = self._check(workspace, playbook)
        except Invalid as error:
            return PlanOutcome(ExitState.FAILED, error.detail)
        if not outcome.succeeded:
            return PlanOutcome(outcome.state, outcome.reason, outcome.diagnostics)
        planned.write_text(json.dumps({"playbook": playbook, "destroy": destroy}), encoding="utf-8")
        state = ExitState.OK if summary.has_changes else ExitState.NO_CHANGES
        return PlanOutcome(state, "", outcome.diagnostics, summary)

    def _check(self, workspace: Workspace, playbook: str) -> tuple[PlanSummary, Outcome]:
        if workspace.options.get("check") == "off":
            workspace.on_line("Check runs are off for this stack: what will change shows only when it is applied.")
            return PlanSummary(has_changes=True), Outcome(ExitState.OK)
        path = _folder(workspace) / _CHECK_EVENTS
        try:
            events, outcome = self._play(workspace, playbook, path, ["--check", "--diff"])
        finally:
            path.unlink(missing_ok=True)
        return plan_of(events, workspace.masker), outcome

    def apply(self, workspace: Workspace) -> Outcome:
        """Run the planned playbook, once."""
        planned = _folder(workspace) / _PLANNED
        if not planned.is_file():
            return Outcome(ExitState.FAILED, "There is no plan to apply. Plan first.")
        order = json.loads(planned.read_text(encoding="utf-8"))
        planned.unlink()
        _, outcome = self._play(workspace, order["playbook"], _folder(workspace) / _EVENTS, ["--diff"])
        applied = {"destroy": order["destroy"], "succeeded": outcome.succeeded}
        (_folder(workspace) / _APPLIED).write_text(json.dumps(applied), encoding="utf-8")
        return outcome

    def collect(self, workspace: Workspace) -> Collected:
        """What the tasks of the last apply left standing, and what ``set_stats`` told; nothing after a destroy."""
        applied = _folder(workspace) / _APPLIED
        if not applied.is_file():
            return Collected(ExitState.FAILED, "Ansible keeps no state: only an apply tells what stands.")
        facts = json.loads(applied.read_text(encoding="utf-8"))
        succeeded = bool(facts["succeeded"])
        if facts["destroy"] and succeeded:
            return Collected(ExitState.OK)
        events = read_events(_folder(workspace) / _EVENTS, workspace.project)
        resources = () if facts["destroy"] else resources_of(events, workspace.masker, failed=not succeeded)
        outputs = {} if facts["destroy"] else outputs_of(events, workspace.masker)
        if succeeded:
            return Collected(ExitState.OK, resources=resources, outputs=outputs)
        reason = "The playbook did not come to its end, so not everything that stands is known."
        return Collected(ExitState.FAILED, reason, resources=resources, outputs=outputs)

    def _play(
        self, workspace: Workspace, playbook: str, events_file: Path, words: Sequence[str]
    ) -> tuple[Events, Outcome]:
        """One ``ansible-playbook``; its events, and its outcome with the failure that ended it as the reason."""
        events_file.unlink(missing_ok=True)
        reader = ErrorsReader(workspace.project)
        inventory = inventory_words(workspace, _folder(workspace))
        variables = _write_variables(workspace)
        argv = [str(self.program()), *inventory, *words, f"--extra-vars=@{variables}", playbook]
        try:
            result = self._execute(workspace, argv, reader, events_file)
        finally:
            variables.unlink()
        events = read_events(events_file, workspace.project)
        failures = failures_of(events, workspace.masker)
        outcome = outcome_of(result, "ansible-playbook", _words(failures or reader.all()))
        if outcome.succeeded:
            return events, outcome
        return events, Outcome(outcome.state, outcome.reason, failures or reader.all())

    def _execute(
        self, workspace: Workspace, argv: Sequence[str], reader: ErrorsReader, events_file: Path | None = None
    ) -> Result:
        def on_line(line: str) -> None:
            reader.read(line)
            workspace.on_line(line)

        home = _folder(workspace) / "home"
        ours = {
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_LOCAL_TEMP": str(home / "tmp"),
            "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_RETRY_FILES_ENABLED": "0",
            "CALLBOARD_EVENTS": str(events_file or os.devnull),
            # Lines should appear when they are printed, not when a buffer is full.
            "PYTHONUNBUFFERED": "1",
        }
        return execute(workspace, argv, {**_LOOKS, **workspace.env, **ours}, on_line=on_line)


def _folder(workspace: Workspace) -> Path:
    folder = workspace.private / "ansible"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _write_variables(workspace: Workspace) -> Path:
    """Variables in a file that only we can read and that lives as long as the command.

    SECURITY: arguments can be read by every user of the machine, and Ansible reads no variables from its environment.
    """
    path = _folder(workspace) / "variables.json"
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(dict(workspace.variables), file)
    return path


def _words(diagnostics: Sequence[Diagnostic]) -> str:
    """The last error: earlier ones were rescued or ignored, or led to it."""
    return str(diagnostics[-1]) if diagnostics else ""
