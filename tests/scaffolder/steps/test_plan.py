"""Steps as they are read, before any runs."""

from __future__ import annotations

from typing import Any

import pytest

from portal.lib.errors import Invalid, NotFound, Unavailable
from scaffolder.steps.plan import check_actions, parse_steps
from scaffolder.steps.registry import default_registry

REGISTRY = default_registry()


def test_it_fills_in_ids_and_names() -> None:
    steps = parse_steps([{"action": "debug:log"}, {"id": "b", "name": "B", "action": "debug:log", "input": None}])
    assert [(step.id, step.name, step.input) for step in steps] == [("step-1", "debug:log", {}), ("b", "B", {})]


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (None, "spec.steps"),
        ("text", "spec.steps"),
        ({"action": "x"}, "spec.steps"),
        (["x"], "spec.steps[0]"),
        ([{}], "spec.steps[0].action"),
        ([{"action": 1}], "spec.steps[0].action"),
        ([{"action": "x"}, {"action": "x", "id": 1}], "spec.steps[1].id"),
        ([{"action": "x", "name": []}], "spec.steps[0].name"),
        ([{"action": "x", "input": "y"}], "spec.steps[0].input"),
        ([{"action": "x", "if": 0}], "spec.steps[0].if"),
        ([{"action": "x", "if": None}], "spec.steps[0].if"),
        ([{"action": "x", "each": 3}], "spec.steps[0].each"),
        ([{"action": "x", "each": None}], "spec.steps[0].each"),
    ],
)
def test_it_says_which_field_is_wrong(raw: Any, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_steps(raw)
    assert caught.value.data["field"] == where
    assert where in caught.value.detail


def test_it_names_all_unknown_actions_at_once() -> None:
    steps = parse_steps([{"action": "debug:log"}, {"action": "no:such", "if": False}, {"action": "nor:this"}])
    for is_dry_run in (True, False):
        with pytest.raises(NotFound, match=r"no:such.*nor:this"):
            check_actions(steps, REGISTRY, is_dry_run=is_dry_run)


def test_it_says_what_to_use_instead_of_foreign_actions() -> None:
    steps = parse_steps([{"action": "publish:github"}, {"action": "fetch:cookiecutter", "if": True}])
    with pytest.raises(Unavailable, match=r"publish:git .*cookiecutterCompat"):
        check_actions(steps, REGISTRY)
    check_actions(steps, REGISTRY, is_dry_run=True)


def test_it_lets_foreign_actions_pass_that_may_not_run() -> None:
    check_actions(parse_steps([{"action": "publish:github", "if": "${{ parameters.x }}"}]), REGISTRY)
