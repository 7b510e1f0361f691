"""The one runner: what runs, what it sees, what it tells, and how it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from portal.lib.errors import Forbidden, Invalid, NotFound, Unavailable
from scaffolder.expressions.engine import Engine
from scaffolder.expressions.sandbox import Limits
from scaffolder.steps.base import Action, Cancelled, Input, Output, StepContext
from scaffolder.steps.events import Event, Outcome, State
from scaffolder.steps.foreign import foreign_actions
from scaffolder.steps.plan import parse_steps
from scaffolder.steps.registry import ActionRegistry, default_registry
from scaffolder.steps.runner import Job, run_steps
from tests.scaffolder.steps.stage import ENGINE, Stage

SECRET = "hunter2-hunter2"
ANYTHING = {"type": "object"}


class Probe(Action):
    """Calls a function, so that a test sees what an action is given."""

    id = "test:probe"
    description = "For tests."
    input_schema = ANYTHING
    supports_dry_run = True

    def __init__(self, react: Callable[[StepContext, Input], Output]) -> None:
        self.react = react
        self.seen: list[dict[str, Any]] = []

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Remember and react."""
        self.seen.append(dict(given))
        return self.react(ctx, given)


@dataclass
class Play:
    """One run with a probe."""

    stage: Stage
    react: Callable[[StepContext, Input], Output] = lambda _ctx, given: dict(given)
    events: list[Event] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    probe: Probe = field(init=False)

    def __post_init__(self) -> None:
        self.probe = Probe(lambda ctx, given: self.react(ctx, given))

    def run(self, *steps: dict[str, Any], **job: Any) -> Outcome:
        """Run steps; those without an action are probes."""
        parsed = parse_steps([{"action": "test:probe", **step} for step in steps])
        registry = ActionRegistry([*default_registry().all(), self.probe], foreign_actions())
        return run_steps(
            Job(steps=parsed, workspace=self.stage.workspace / "new", **job),
            registry=registry,
            services=self.stage.services,
            emit=self.events.append,
            **{"expressions": ENGINE, **self.options},
        )

    @property
    def states(self) -> list[tuple[str, str]]:
        """Changes of state in order."""
        return [(event.step.id, str(event.state)) for event in self.events if event.step and event.state]

    @property
    def log(self) -> str:
        """All messages."""
        return "\n".join(event.message for event in self.events)


@pytest.fixture
def play(stage: Stage) -> Play:
    """A run to be."""
    return Play(stage)


def fail(_ctx: StepContext, given: Input) -> Output:
    """Fail where the input says so."""
    if given.get("fails"):
        raise NotFound("It is not there.")
    return dict(given)


def test_it_hands_outputs_to_later_steps_and_to_the_output(play: Play) -> None:
    outcome = play.run(
        {"id": "one", "input": {"n": "${{ parameters.n }}"}},
        {"input": {"m": "${{ steps.one.output.n + 1 }}", "task": "${{ context.task.id }}", "who": "${{ user.ref }}"}},
        parameters={"n": 3},
        user={"ref": "user:default/ada"},
        task_id="t1",
        output={"sum": "${{ steps['step-2'].output.m }}", "none": "${{ steps.x.y }}"},
    )
    assert play.probe.seen == [{"n": 3}, {"m": 4, "task": "t1", "who": "user:default/ada"}]
    assert outcome.state == State.COMPLETED
    assert outcome.output == {"sum": 4}
    assert play.states == [
        ("one", "processing"), ("one", "completed"), ("step-2", "processing"), ("step-2", "completed"),
    ]  # fmt: skip
    assert "Beginning step test:probe" in play.log
    assert play.stage.workspace.joinpath("new").is_dir()


@pytest.mark.parametrize(
    ("condition", "runs"),
    [(True, True), (False, False), ("${{ parameters.yes }}", True), ("${{ parameters.no }}", False), ("", False)],
)
def test_it_runs_what_its_condition_allows(play: Play, condition: Any, runs: bool) -> None:
    outcome = play.run({"id": "a", "if": condition}, parameters={"yes": 1, "no": []}, output={"s": "${{ steps.a }}"})
    assert bool(play.probe.seen) == runs
    assert play.states[-1] == ("a", "completed" if runs else "skipped")
    assert ("s" in outcome.output) == runs


@pytest.mark.parametrize(
    ("each", "seen"),
    [
        (["p", "q"], [{"k": "0", "v": "p"}, {"k": "1", "v": "q"}]),
        ({"x": 1}, [{"k": "x", "v": 1}]),
        ("${{ parameters.items }}", [{"k": "0", "v": {"deep": True}}]),
        ([], []),
        ("", [{}]),
    ],
)
def test_it_repeats_a_step_for_each_item(play: Play, each: Any, seen: list[dict[str, Any]]) -> None:
    given = {"k": "${{ each.key }}", "v": "${{ each.value }}"}
    outcome = play.run({"id": "a", "each": each, "input": given}, parameters={"items": [{"deep": True}]})
    assert [{k: v for k, v in found.items() if k in "kv"} for found in play.probe.seen] == seen
    if each:
        assert outcome.outputs["a"] == ({"k": [s["k"] for s in seen], "v": [s["v"] for s in seen]} if seen else {})
        assert play.log.count("Running step each") == len(seen)


def test_it_asks_the_condition_for_every_item(play: Play) -> None:
    step = {"each": [1, 2, 3], "if": "${{ each.value != 2 }}", "input": {"v": "${{ each.value }}"}}
    play.run(step)
    assert [found["v"] for found in play.probe.seen] == [1, 3]
    assert 'Skipping step each: {"key":"1","value":"2"}' in play.log


@pytest.mark.parametrize("each", ["${{ parameters.none }}", "${{ parameters.n }}", "plain text"])
def test_it_refuses_an_each_that_is_no_collection(play: Play, each: str) -> None:
    outcome = play.run({"each": each}, parameters={"n": 3})
    assert isinstance(outcome.error, Invalid)
    assert "neither a list nor an object" in outcome.reason


def test_it_checks_all_items_before_the_first_runs(play: Play) -> None:
    steps = [{"id": "w", "action": "debug:wait", "each": [0, "x"], "input": {"seconds": "${{ each.value }}"}}]
    outcome = play.run(*steps)
    assert "debug:wait[1]" in outcome.reason
    assert "Running step each" not in play.log


def test_secrets_are_seen_by_inputs_and_by_nothing_else(play: Play) -> None:
    outcome = play.run(
        {"input": {"token": "${{ secrets.T }}", "url": "https://x:${{ secrets.T }}@h"}},
        {"id": "never", "if": "${{ secrets.T }}"},
        {"each": ["${{ secrets.T }}"], "input": {"v": "${{ each.value }}"}},
        secrets={"T": SECRET},
        output={"leak": "${{ secrets.T }}", "indirect": "${{ steps['step-1'].output.token }}"},
    )
    assert play.probe.seen[0] == {"token": SECRET, "url": f"https://x:{SECRET}@h"}
    assert ("never", "skipped") in play.states
    assert play.probe.seen[1] == {"v": SECRET}
    assert outcome.state == State.COMPLETED
    assert SECRET not in str(outcome.output) + play.log
    assert outcome.output["indirect"] == "***"


def test_it_masks_what_was_made_of_secrets(play: Play) -> None:
    def tell(ctx: StepContext, given: Input) -> Output:
        ctx.log(f"connecting to {given['made']} with {given['plain']} and {given['list'][0]}")
        return {}

    play.react = tell
    made = {"made": "${{ secrets.T | upper | reverse }}", "plain": "visible", "list": ["${{ secrets.T | length }}abc"]}
    play.run({"input": made}, secrets={"T": SECRET})
    assert "connecting to *** with visible and ***" in play.log


def test_after_a_failure_only_steps_run_that_ask_for_it(play: Play) -> None:
    play.react = fail
    outcome = play.run(
        {"id": "a", "name": "First", "input": {"fails": True}},
        {"id": "b"},
        {"id": "c", "if": True},
        {"id": "d", "if": "${{ failure() }}", "input": {"n": "d"}},
        {"id": "e", "if": "${{ always() }}", "input": {"fails": True}},
        {"id": "f", "each": [1, 2], "if": "${{ failure() and each.value == 2 }}", "input": {"n": "${{ each.value }}"}},
        {"id": "g", "if": "${{ not failure() }}"},
        output={"x": 1},
    )
    assert play.states == [
        ("a", "processing"), ("a", "failed"), ("b", "skipped"), ("c", "skipped"), ("d", "processing"),
        ("d", "completed"), ("e", "processing"), ("e", "failed"), ("f", "processing"), ("f", "completed"),
        ("g", "processing"), ("g", "skipped"),
    ]  # fmt: skip
    assert [found.get("n") for found in play.probe.seen] == [None, "d", None, 2]
    assert (outcome.state, outcome.reason, outcome.output) == (State.FAILED, "First: It is not there.", {})
    assert "Skipping step b because a previous step failed" in play.log


def test_without_a_failure_a_step_for_failures_is_skipped(play: Play) -> None:
    play.run({"id": "a", "if": "${{ failure() }}"}, {"id": "b", "if": "${{ always() }}"})
    assert play.states[1] == ("a", "skipped")
    assert play.states[-1] == ("b", "completed")


def test_it_leaves_out_links_and_texts_whose_condition_does_not_hold(play: Play) -> None:
    outcome = play.run(
        parameters={"yes": True, "list": [{"title": "made", "if": False}]},
        output={
            "links": [
                {"title": "a", "url": "u", "if": "${{ parameters.yes }}"},
                {"title": "b", "if": "${{ parameters.no }}"},
                {"title": "c", "if": False},
                {"title": "d"},
                "${{ parameters.none }}",
            ],
            "text": "${{ parameters.list }}",
            "other": [{"if": False}],
        },
    )
    assert outcome.output["links"] == [{"title": "a", "url": "u"}, {"title": "d"}, None]
    assert outcome.output["text"] == [{"title": "made", "if": False}]
    assert outcome.output["other"] == [{"if": False}]


def test_it_stops_between_steps_when_cancelled(play: Play) -> None:
    play.options = {"cancelled": lambda: len(play.probe.seen) == 1}
    outcome = play.run({"id": "a"}, {"id": "b"}, {"id": "c", "if": "${{ always() }}"})
    assert outcome.state == State.CANCELLED
    assert play.states[-1] == ("b", "cancelled")


def test_it_stops_within_a_step_when_cancelled(play: Play) -> None:
    def stop(_ctx: StepContext, _given: Input) -> Output:
        raise Cancelled("now")

    play.react = stop
    assert play.run({"id": "a"}).state == State.CANCELLED
    play.react, play.options = fail, {"cancelled": lambda: len(play.probe.seen) == 3}
    assert play.run({"id": "a", "each": [1, 2, 3, 4]}).state == State.CANCELLED
    assert play.states[-1] == ("a", "cancelled")


def test_it_goes_on_where_an_earlier_attempt_ended(play: Play) -> None:
    outcome = play.run({"id": "a"}, {"id": "b", "input": {"n": "${{ steps.a.output.n }}"}}, finished={"a": {"n": 7}})
    assert play.probe.seen == [{"n": 7}]
    assert [step for step, _state in play.states] == ["b", "b"]
    assert outcome.outputs == {"a": {"n": 7}, "b": {"n": 7}}


def test_it_does_once_what_a_checkpoint_keeps(play: Play) -> None:
    made: list[str] = []
    checkpoints: dict[str, Any] = {}

    def react(ctx: StepContext, _given: Input) -> Output:
        def create() -> int:
            made.append(ctx.step_id)
            return 0  # a falsy value is kept, too

        return {"id": ctx.checkpoint("create", create)}

    play.react = react
    for _attempt in range(2):
        play.run({"id": "a"}, {"id": "b", "each": [1, 2]}, checkpoints=checkpoints)
    assert made == ["a", "b", "b"]
    assert set(checkpoints) == {"a.create", "b.0.create", "b.1.create"}


def test_it_refuses_before_anything_runs(play: Play) -> None:
    with pytest.raises(NotFound, match="no:such"):
        play.run({"id": "a"}, {"action": "no:such"})
    with pytest.raises(Unavailable, match="publish:git "):
        play.run({"id": "a"}, {"action": "publish:gitlab"})
    assert play.probe.seen == []


def test_it_fails_at_a_foreign_action_that_it_comes_to(play: Play) -> None:
    outcome = play.run({"action": "publish:github", "name": "Publish", "if": "${{ 1 }}"})
    assert isinstance(outcome.error, Unavailable)
    assert outcome.reason.startswith("Publish: publish:github is not available")


def test_it_asks_whether_the_person_may(play: Play) -> None:
    def refuse(action: str, given: Input) -> None:
        if given.get("n") == 2:
            raise Forbidden(f"You may not run {action}.")

    play.options = {"authorize": refuse}
    outcome = play.run({"each": [1, 2], "input": {"n": "${{ each.value }}"}})
    assert isinstance(outcome.error, Forbidden)
    assert play.probe.seen == []


def test_it_survives_an_action_that_crashes(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    def crash(_ctx: StepContext, given: Input) -> Output:
        raise KeyError(given["token"])

    play.react = crash
    with caplog.at_level(logging.ERROR):
        outcome = play.run({"id": "a", "input": {"token": "${{ secrets.T }}"}}, secrets={"T": SECRET})
    assert outcome.state == State.FAILED
    assert outcome.error is not None
    assert outcome.error.code == "action_crashed"
    assert "unexpected KeyError" in play.log
    assert "Traceback" not in play.log
    assert "KeyError" in caplog.text
    assert SECRET not in caplog.text + play.log


def test_it_says_what_the_file_system_refused(play: Play) -> None:
    def full(_ctx: StepContext, _given: Input) -> Output:
        raise OSError(28, "No space left on device")

    play.react = full
    assert "No space left on device" in play.run({"id": "a"}).reason


def test_it_warns_about_unknown_inputs_and_failing_expressions(play: Play) -> None:
    outcome = play.run(
        {"action": "debug:log", "input": {"message": "${{ parameters.x | nosuch }}", "extra": 1}},
        output={"x": "${{ nosuch() }}"},
    )
    assert outcome.state == State.COMPLETED
    assert "debug:log does not know the input extra" in play.log
    assert play.log.count("an expression failed") == 2
    assert outcome.output == {"x": "${{ nosuch() }}"}


def test_it_fails_where_an_expression_takes_too_long(play: Play) -> None:
    play.options = {"expressions": Engine(limits=Limits(seconds=0.05))}
    endless = "{% for a in range(99999999) %}{% for b in range(99999999) %}{% endfor %}{% endfor %}"
    outcome = play.run({"id": "a", "name": "Loop", "input": {"message": endless}}, {"id": "b"})
    assert outcome.reason.startswith("Loop: A template expression was stopped")
    assert play.states[1:] == [("a", "failed"), ("b", "skipped")]


def test_a_dry_run_leaves_out_what_really_acts(play: Play) -> None:
    outcome = play.run(
        {"id": "p", "action": "publish:github", "input": {"token": "${{ secrets.T }}"}},
        {"id": "l", "input": {"message": "${{ steps.p.output.remoteUrl }}", "token": "${{ secrets.T }}"}},
        {"id": "n", "if": False},
        secrets={"T": SECRET},
        is_dry_run=True,
        output={"url": "${{ steps.p.output.remoteUrl }}"},
    )
    assert play.states == [
        ("p", "processing"), ("p", "skipped"), ("l", "processing"), ("l", "completed"), ("n", "processing"),
        ("n", "skipped"),
    ]  # fmt: skip
    assert '"token": "***"' in play.log
    assert play.probe.seen == [{"message": "<example>", "token": "***"}]
    assert outcome.output == {"url": "<example>"}
    assert SECRET not in play.log


def test_a_dry_run_of_a_foreign_action_checks_its_input(play: Play) -> None:
    pull = {"branchName": "b", "title": "t", "description": "d"}
    name = {"action": "publish:github:pull-request", "id": "pr"}
    good = play.run({**name, "input": {**pull, "repoUrl": "github.com?owner=o&repo=r"}}, is_dry_run=True)
    assert good.outputs["pr"] == {"remoteUrl": "github.com?owner=o&repo=r"}
    assert "A real run would end here" in play.log
    for bad in ({**pull, "repoUrl": "<x>"}, pull):
        assert isinstance(play.run({**name, "input": bad}, is_dry_run=True).error, Invalid)
