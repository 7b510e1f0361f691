"""The actions ``stack:create`` and ``stack:run`` in a task's steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.accounts.subjects import person
from portal.lib.errors import Forbidden, Invalid
from scaffolder.runs.models import Run, RunState
from scaffolder.runs.offered import services_of
from scaffolder.runs.transitions import By, move
from scaffolder.stacks.models import Stack
from scaffolder.steps.base import Services, StepContext
from scaffolder.steps.stack_actions import RunDidNotFinish, StackCreate, StackRun
from scaffolder.tasks.models import Task
from tests.conftest import Cast
from tests.factories.stacks import TOFU, make_run, make_stack


def context(cast: Cast, workspace: Path, who: str = "member", **options: Any) -> tuple[StepContext, list[str]]:
    user = getattr(cast, who)
    task = Task(space=cast.space, template_ref="template:default/x", title="x", spec={}, created_by=user)
    log: list[str] = []
    services = Services(sources=None, git=None, more=services_of(task, person(user)))  # type: ignore[arg-type]
    return StepContext(workspace=workspace, services=services, expressions=None, log=log.append, **options), log  # type: ignore[arg-type]


def test_it_makes_a_stack_of_the_workspace(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(TOFU)
    ctx, log = context(cast, tmp_path)
    given = {
        "name": "Shop", "tool": "opentofu", "sourcePath": "infra", "variables": {"greeting": "hi", "many": [1]},
        "secrets": {"password": "s3cret-word"}, "entityRef": "component:default/shop", "labels": ["x"],
        "autodeploy": True,
    }  # fmt: skip
    made = StackCreate().run(ctx, given)
    stack = Stack.objects.get()
    assert made == {"stackId": str(stack.uid), "slug": "shop", "url": "http://127.0.0.1:8000/stacks/shop/"}
    assert (stack.space, stack.is_autodeployed, stack.is_bundle) == (cast.space, True, True)
    assert {row.name: row.value for row in stack.variables.all()} == {
        "greeting": "hi", "many": [1], "password": "s3cret-word",
    }  # fmt: skip
    assert "s3cret-word" not in "".join(log)


@pytest.mark.parametrize("more", [{}, {"sourcePath": "nowhere"}, {"sourcePath": ".", "repository": "https://x/y"}])
def test_it_says_what_is_missing(cast: Cast, tmp_path: Path, more: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        StackCreate().run(context(cast, tmp_path)[0], {"name": "Shop", "tool": "opentofu", **more})
    assert not Stack.objects.exists()


def test_it_needs_the_right_to_make_stacks_there(cast: Cast, tmp_path: Path) -> None:
    given = {"name": "Shop", "tool": "opentofu", "repository": "https://github.com/a/b", "space": "stage"}
    with pytest.raises(Invalid, match="no space"):
        StackCreate().run(context(cast, tmp_path, "stranger")[0], given)
    with pytest.raises(Forbidden):
        StackCreate().run(context(cast, tmp_path)[0], {**given, "space": "root"})


def test_a_dry_run_makes_nothing(cast: Cast, tmp_path: Path) -> None:
    ctx, _ = context(cast, tmp_path, is_dry_run=True)
    StackCreate().run(ctx, {"name": "Shop", "tool": "opentofu", "repository": "https://github.com/a/b"})
    StackRun().run(ctx, {"stack": "shop"})
    assert not Stack.objects.exists()


def test_it_starts_a_run_and_may_leave_it(cast: Cast, tmp_path: Path) -> None:
    stack = make_stack(cast.space)
    result = StackRun().run(context(cast, tmp_path)[0], {"stack": str(stack.uid), "wait": False})
    assert result["state"] == "queued"
    assert result["runId"] == str(Run.objects.get().uid)


def test_it_waits_for_the_end_and_gives_its_reason(cast: Cast, tmp_path: Path) -> None:
    run = make_run(make_stack(cast.space))
    ctx, log = context(cast, tmp_path, checkpoint=lambda key, make: str(run.uid))
    move(run, RunState.CANCELED, by=By.PERSON, label="ada")
    with pytest.raises(RunDidNotFinish, match="ended as canceled"):
        StackRun().run(ctx, {"stack": run.stack.slug})
    assert "The run: canceled" in log
