"""The one runner of steps, for tasks and dry runs alike. It keeps no state of its own and stores nothing.

Rules: Backstage's ``NunjucksWorkflowRunner``. Steps run one after another; what happens is told to ``emit`` at once.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.lib.errors import PortalError
from portal.lib.masking import Masker
from scaffolder.expressions.engine import Engine
from scaffolder.steps.base import Action, Cancelled, Input, Output, Services, StepContext
from scaffolder.steps.events import Event, Outcome, State
from scaffolder.steps.plan import Step, check_actions
from scaffolder.steps.registry import ActionRegistry
from scaffolder.steps.rendering import REDACTED, Scope
from scaffolder.steps.schemas import check_input, example_output, unknown_keys

logger = logging.getLogger(__name__)


class ActionCrashed(PortalError):
    """An action ended with an error that it did not foresee."""

    code = "action_crashed"
    status = 500
    title = "The action stopped unexpectedly"


@dataclass(frozen=True)
class Job:
    """What is to be run: the steps with the values they see, in a workspace.

    ``finished`` are the outputs of steps that an earlier attempt completed in this workspace, by id; they are not run
    again. ``checkpoints`` keeps what actions did once and must not do twice; it outlives an attempt.
    """

    steps: Sequence[Step]
    workspace: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    output: Any = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    user: Mapping[str, Any] = field(default_factory=dict)
    task_id: str = ""
    base_url: str = ""
    template_ref: str = ""
    is_dry_run: bool = False
    finished: Mapping[str, Output] = field(default_factory=dict)
    checkpoints: MutableMapping[str, Any] = field(default_factory=dict)


def _allowed(_action: str, _input: Input) -> None:
    return


def run_steps(
    job: Job,
    *,
    registry: ActionRegistry,
    expressions: Engine,
    services: Services,
    emit: Callable[[Event], None],
    cancelled: Callable[[], bool] = lambda: False,
    authorize: Callable[[str, Input], None] = _allowed,
) -> Outcome:
    """Run the steps of ``job`` and render its output.

    ``emit`` gets every event as it happens, masked. ``cancelled`` is asked between steps and by long actions.
    ``authorize(action, input)`` raises Forbidden for an action that this person may not run with this input; all
    inputs of a step are checked before its first iteration runs. Raises NotFound or Unavailable when a step names an
    action that cannot run here, before anything is done; what goes wrong later is in the outcome.
    """
    check_actions(job.steps, registry, is_dry_run=job.is_dry_run)
    job.workspace.mkdir(parents=True, exist_ok=True)
    return _Run(job, registry, expressions, services, emit, cancelled, authorize).run()


@dataclass(frozen=True)
class _Iteration:
    """One pass through a step: the item of its ``each`` if it has one, and the rendered input."""

    each: Mapping[str, Any] | None
    given: dict[str, Any]
    is_skipped: bool = False


class _Run:
    def __init__(
        self,
        job: Job,
        registry: ActionRegistry,
        expressions: Engine,
        services: Services,
        emit: Callable[[Event], None],
        cancelled: Callable[[], bool],
        authorize: Callable[[str, Input], None],
    ) -> None:
        self.job = job
        self.registry = registry
        self.services = services
        self.cancelled = cancelled
        self.authorize = authorize
        self.masker = Masker(job.secrets.values())
        # SECURITY: a dry run never sees a secret, since its result shows what became of the inputs.
        secrets = dict.fromkeys(job.secrets, REDACTED) if job.is_dry_run else job.secrets
        self.scope = Scope(expressions, job.parameters, secrets, job.user, job.task_id, job.environment)
        self._emit = emit
        # PERF: inputs that a dry run has rendered to show them.
        self._shown: dict[str, dict[str, Any]] = {}

    def run(self) -> Outcome:
        """Go through the steps; after a failure only through those that ask for it."""
        error: PortalError | None = None
        failed: Step | None = None
        for step in self.job.steps:
            if step.id in self.job.finished:
                self.scope.outputs[step.id] = self.job.finished[step.id]
                continue
            if self.cancelled():
                self.tell(f"Step {step.id} has been cancelled.", step, State.CANCELLED)
                return self._outcome(State.CANCELLED)
            try:
                self._step(step, failed=error is not None)
            except Cancelled:
                self.tell(f"Step {step.id} has been cancelled.", step, State.CANCELLED)
                return self._outcome(State.CANCELLED)
            except PortalError as raised:
                self.tell(f"{raised.title}: {raised.detail}", step, State.FAILED)
                error, failed = error or raised, failed or step
        return self._outcome(State.FAILED, error=error, step=failed) if error else self._finish()

    def _finish(self) -> Outcome:
        try:
            output = self.scope.output_of(self.job.output)
        except PortalError as raised:
            return self._outcome(State.FAILED, error=raised)
        self._tell_warnings(None)
        masked = self.masker.mask_data(output)
        return self._outcome(State.COMPLETED, output=masked if isinstance(masked, dict) else {})

    def _outcome(
        self,
        state: State,
        *,
        output: dict[str, Any] | None = None,
        error: PortalError | None = None,
        step: Step | None = None,
    ) -> Outcome:
        return Outcome(state, output or {}, error, step, dict(self.scope.outputs))

    def _step(self, step: Step, *, failed: bool) -> None:
        if failed and not self.scope.asks_for_failures(step):
            self.tell(f"Skipping step {step.id} because a previous step failed", step, State.SKIPPED)
            return
        self.tell(f"Beginning step {step.name}", step, State.PROCESSING)
        # With each, the condition may name the item, so it is asked for every one of them.
        if step.condition is False or not (step.repeats or self.scope.holds(step, failed=failed)):
            self._tell_warnings(step)
            self.tell(f"Skipping step {step.id} because its if condition was false", step, State.SKIPPED)
            return
        action = self.registry.get(step.action)
        if self.job.is_dry_run and self._is_left_out(step, action):
            return
        self._perform(step, action, failed=failed)
        self.tell(f"Finished step {step.name}", step, State.COMPLETED)

    def _is_left_out(self, step: Step, action: Action) -> bool:
        """Show the input with its secrets hidden; leave the action out, with example outputs, if it must really act."""
        shown = self.scope.input_of(step, None)
        if step.repeats:
            self.scope.take_warnings()  # nothing is known of the items yet
        else:
            self._shown[step.id] = shown
        told = json.dumps(shown, indent=2, ensure_ascii=False)
        self.tell(f"Running {action.id} in dry-run mode with inputs (secrets redacted): {told}", step)
        if action.supports_dry_run:
            return False
        self.tell(f"Skipping because {action.id} does not support dry-run", step, State.SKIPPED)
        self.scope.outputs[step.id] = example_output(action.output_schema)
        return True

    def _perform(self, step: Step, action: Action, *, failed: bool) -> None:
        items = self.scope.items_of(step)
        iterations = [self._prepare(step, each, failed=failed) for each in ([None] if items is None else items)]
        self._tell_warnings(step)
        self._tell_unknown(step, action, iterations)
        for iteration in iterations:
            if not iteration.is_skipped:
                check_input(action, iteration.given, step=_numbered(step, iteration))
                self.authorize(action.id, iteration.given)
        outputs = [self._iterate(step, action, iteration) for iteration in iterations]
        self.scope.outputs[step.id] = outputs[0] if items is None else _collected(outputs)

    def _prepare(self, step: Step, each: Mapping[str, Any] | None, *, failed: bool) -> _Iteration:
        if each is not None and not self.scope.holds(step, each, failed=failed):
            return _Iteration(each, {}, is_skipped=True)
        given = self._shown.pop(step.id, None) or self.scope.input_of(step, each)
        if not self.job.is_dry_run:
            self.masker.add(self.scope.derived(step, each, given))
        return _Iteration(each, given)

    def _iterate(self, step: Step, action: Action, iteration: _Iteration) -> Output:
        if self.cancelled():
            raise Cancelled("The task was cancelled.")
        if iteration.each is not None:
            shown = json.dumps(_shown(iteration.each), ensure_ascii=False, separators=(",", ":"))
            self.tell(f"{'Skipping' if iteration.is_skipped else 'Running'} step each: {shown}", step)
        return {} if iteration.is_skipped else self._call(step, action, iteration)

    def _call(self, step: Step, action: Action, iteration: _Iteration) -> Output:
        try:
            return dict(action.run(self._context(step, iteration), iteration.given))
        except PortalError:
            raise
        except OSError as error:
            raise ActionCrashed(f"The file system refused: {error.strerror or error}") from error
        except Exception as error:
            # An action may come from anybody. What it raised is for operators; it may hold secrets.
            told = self.masker.mask("".join(traceback.format_exception(error)))
            logger.error("The action %s crashed in the task %s:\n%s", action.id, self.job.task_id, told)
            raise ActionCrashed(
                f"{action.id} stopped with an unexpected {type(error).__name__}. Operators find more in the log.",
                action=action.id,
            ) from None

    def _context(self, step: Step, iteration: _Iteration) -> StepContext:
        job = self.job
        prefix = f"{step.id}.{iteration.each['key']}." if iteration.each else f"{step.id}."

        def checkpoint(key: str, make: Callable[[], Any]) -> Any:
            if f"{prefix}{key}" not in job.checkpoints:
                job.checkpoints[f"{prefix}{key}"] = make()
            return job.checkpoints[f"{prefix}{key}"]

        return StepContext(
            workspace=job.workspace,
            services=self.services,
            expressions=self.scope.engine,
            log=lambda line: self.tell(line, step),
            cancelled=self.cancelled,
            checkpoint=checkpoint,
            task_id=job.task_id,
            step_id=step.id,
            step_name=step.name,
            is_dry_run=job.is_dry_run,
            base_url=job.base_url,
            template_ref=job.template_ref,
            user=job.user,
            secrets=self.scope.secrets,
        )

    def tell(self, message: str, step: Step | None = None, state: State | None = None) -> None:
        """Emit one masked event."""
        self._emit(Event(self.masker.mask(message), step, state))

    def _tell_warnings(self, step: Step | None) -> None:
        for warning in self.scope.take_warnings():
            self.tell(f"Warning: an expression failed, so its text is used as it stands. {warning}", step)

    def _tell_unknown(self, step: Step, action: Action, iterations: Sequence[_Iteration]) -> None:
        unknown = {key for iteration in iterations for key in unknown_keys(action.input_schema, iteration.given)}
        if unknown:
            self.tell(f"Warning: {action.id} does not know the input {', '.join(sorted(unknown))}.", step)


def _numbered(step: Step, iteration: _Iteration) -> str:
    return f"{step.name}[{iteration.each['key']}]" if iteration.each else step.name


def _shown(each: Mapping[str, Any]) -> dict[str, str]:
    """An item for the log; collections are named and not spelled out."""
    return {key: value if isinstance(value, str) else json.dumps(value)[:200] for key, value in each.items()}


def _collected(outputs: Sequence[Output]) -> Output:
    """The outputs of all iterations: a list for every name."""
    collected: Output = {}
    for output in outputs:
        for name, value in output.items():
            collected.setdefault(name, []).append(value)
    return collected
