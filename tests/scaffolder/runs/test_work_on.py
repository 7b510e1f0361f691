"""A worker takes runs from the queue to their end, with the real OpenTofu and the real state backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.resources.models import Resource
from portal.accounts.subjects import system
from portal.lib import git
from scaffolder.runs.models import Run, RunState, RunType
from scaffolder.runs.services import confirm_run, destroy_stack, trigger_run
from scaffolder.runs.worker import work_on
from scaffolder.stacks.models import Stack, StateCredential, StateLock
from scaffolder.stacks.services import set_variable
from tests.factories.stacks import SECRET, TOFU, make_bundle, make_run, make_stack

pytestmark = pytest.mark.usefixtures("workshop")
LogOf = Callable[[Run], str]


def worked(run: Run) -> Run:
    work_on(run.pk)
    run.refresh_from_db()
    return run


def applied(stack: Stack) -> Run:
    run = worked(trigger_run(subject=system(), stack=stack))
    assert run.state == RunState.UNCONFIRMED, run.reason
    return worked(confirm_run(subject=system(), run=run))


def test_it_plans_waits_applies_changes_and_destroys(log_of: LogOf) -> None:
    stack = make_stack(secrets={"password": SECRET})
    run = worked(make_run(stack))
    assert (run.state, run.added, run.changed, run.destroyed) == ("unconfirmed", 2, 0, 0), run.reason
    assert not StateCredential.objects.exists()
    run = worked(confirm_run(subject=system(), run=run))
    assert (run.state, run.reason) == ("finished", "")
    assert run.outputs == {
        "said": {"value": "hello", "sensitive": False},
        "hidden": {"value": None, "sensitive": True},
    }
    assert set(Resource.objects.values_list("address", "health")) == {
        ("terraform_data.greeting", "ok"),
        ("terraform_data.hidden", "ok"),
    }
    set_variable(subject=system(), stack=stack, name="greeting", value="bonjour")
    run = applied(stack)
    assert (run.state, run.added, run.changed, run.destroyed) == ("finished", 0, 1, 0)
    assert run.outputs["said"]["value"] == "bonjour"
    assert applied_noop(stack).state == "finished"
    run = worked(destroy_stack(subject=system(), stack=stack))
    assert (run.state, run.destroyed) == ("unconfirmed", 2)
    confirm_run(subject=system(), run=run)
    work_on(run.pk)
    assert not Stack.objects.exists()
    assert not Resource.objects.exists()
    assert not StateLock.objects.exists()


def applied_noop(stack: Stack) -> Run:
    return worked(trigger_run(subject=system(), stack=stack))


def test_it_applies_at_once_where_the_stack_says_so(log_of: LogOf) -> None:
    run = worked(make_run(make_stack(is_autodeployed=True)))
    assert run.state == RunState.FINISHED, run.reason
    assert [row.state for row in run.history.all()] == [
        "queued", "preparing", "initializing", "planning", "applying", "finished",
    ]  # fmt: skip
    assert "Apply complete" in log_of(run)


def test_it_previews_beside_an_open_run() -> None:
    stack = make_stack()
    make_run(stack)
    run = worked(make_run(stack, type=RunType.PROPOSED))
    assert (run.state, run.added) == ("finished", 2)
    assert not Resource.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"bundle": make_bundle(main_tf='resource "x" {')}, "main.tf:1"),
        ({"bundle": make_bundle(main_tf="locals {}"), "project_root": "nowhere"}, "no folder 'nowhere'"),
        ({"repository": "gone.git"}, "There is no Git repository"),
        ({"bundle": b"no archive"}, "damaged"),
    ],
)
def test_it_fails_with_a_reason(fields: dict[str, Any], words: str, log_of: LogOf) -> None:
    run = worked(make_run(make_stack(**fields)))
    assert run.state == RunState.FAILED
    assert words in run.reason
    assert run.reason in log_of(run)
    assert "Traceback" not in log_of(run)


def test_it_says_that_the_branch_is_missing(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.tf").write_text(TOFU)
    settings.GIT_ROOTS[0].mkdir()
    remote = str(settings.GIT_ROOTS[0] / "net.git")
    git.from_settings().init_commit_push(tmp_path / "code", remote, branch="main", message="First")
    run = worked(make_run(make_stack(repository=remote, branch="gone")))
    assert (run.state, "gone" in run.reason) == ("failed", True)


def test_it_says_that_the_tool_is_missing(settings: object) -> None:
    settings.TOFU_BINARY = "/nowhere/tofu"  # type: ignore[attr-defined]
    run = worked(make_run())
    assert run.state == RunState.FAILED
    assert "TOFU_BINARY" in run.reason


def test_a_doubled_message_does_nothing() -> None:
    run = worked(make_run())
    assert worked(run).history.count() == 5
