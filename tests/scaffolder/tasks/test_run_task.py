"""Tasks from their making to their end: events, outputs, failures, secrets, lost workers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.ingestion.models import Location
from catalog.ingestion.services import read_now
from portal.audit.models import AuditEvent
from portal.jobs.claims import LostClaim, claim
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from portal.lib.masking import Masker
from scaffolder.blueprints.reading import Blueprint
from scaffolder.tasks.execute import execute_task
from scaffolder.tasks.models import Task, TaskState
from scaffolder.tasks.reaping import reap_tasks
from scaffolder.tasks.recorder import Recorder
from scaffolder.tasks.services import cancel_task, create_task, retry_task
from tests.conftest import Cast
from tests.factories.tasks import make_task

pytestmark = pytest.mark.django_db
Make = Callable[..., Blueprint]
SECRET = "swordfish-of-the-seven-seas"


def run(cast: Cast, blueprint: Blueprint, **values: object) -> Task:
    """A task of the member that has been run by a worker."""
    task = make_task(cast.subject("member"), blueprint, cast.space, **values)
    execute_task(task.pk)
    task.refresh_from_db()
    return task


def lines(task: Task) -> list[str]:
    return list(task.events.values_list("message", flat=True))


def test_it_runs_the_steps_and_keeps_what_came_of_it(cast: Cast, blueprint: Make) -> None:
    task = run(cast, blueprint(output={"text": [{"title": "Done", "content": "Hi ${{ parameters.name }}"}]}))
    assert (task.state, task.reason) == (TaskState.COMPLETED, "")
    assert task.output["text"][0]["content"] == "Hi ada"
    assert "Hello ada" in "".join(lines(task))
    assert [step.state for step in task.steps.all()] == ["completed"]
    assert task.events.last().kind == "completion"


def test_it_sends_the_id_on_commit_only(
    cast: Cast, blueprint: Make, sent: list[int], django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        task = make_task(cast.subject("member"), blueprint(), cast.space)
        assert sent == []
    assert sent == [task.pk]


def test_it_leaves_an_audit_row(cast: Cast, blueprint: Make) -> None:
    make_task(cast.subject("member"), blueprint(), cast.space)
    event = AuditEvent.objects.get(action="task.create")
    assert (event.actor, event.space) == (cast.member, cast.space)


def test_it_says_which_step_failed_and_why(cast: Cast, blueprint: Make) -> None:
    steps = [{"id": "look", "name": "Look", "action": "fs:rename", "input": {"files": [{"from": "a", "to": "b"}]}},
             {"id": "after", "action": "debug:log", "input": {"message": "not reached"}}]  # fmt: skip
    task = run(cast, blueprint(steps=steps))
    assert task.state == TaskState.FAILED
    assert task.reason.startswith("Look: ")
    assert [step.state for step in task.steps.all()] == ["failed", "skipped"]


def test_it_refuses_values_that_break_the_form_and_makes_nothing(cast: Cast, blueprint: Make) -> None:
    with pytest.raises(Invalid) as refused:
        create_task(subject=cast.subject("member"), blueprint=blueprint(), space=cast.space, values={})
    assert refused.value.data["errors"][0]["field"] == "name"
    assert not Task.objects.exists()


def test_it_starts_nothing_for_readers_and_strangers(cast: Cast, blueprint: Make) -> None:
    made = blueprint()
    with pytest.raises(NotFound):
        make_task(cast.subject("stranger"), made, cast.space)
    cast.member.bindings.update(role_id=cast.member.bindings.get().role.__class__.objects.get(slug="reader").pk)
    with pytest.raises(Forbidden, match="start blueprints"):
        make_task(cast.subject("member"), made, cast.space)


def test_it_keeps_secrets_out_of_every_table(cast: Cast, blueprint: Make) -> None:
    steps = [{"id": "say", "action": "debug:log", "input": {"message": "the word is ${{ secrets.word }}"}}]
    made = blueprint(steps=steps, output={"leak": "${{ secrets.word }}"})
    task = make_task(cast.subject("member"), made, cast.space, secrets={"word": SECRET})
    assert SECRET not in everything()
    execute_task(task.pk)
    task.refresh_from_db()
    assert task.state == TaskState.COMPLETED
    assert SECRET not in everything()
    assert task.secrets == ""


def everything() -> str:
    """Every row of every table as text, as the database has it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_it_pushes_a_repository_and_registers_what_it_pushed(cast: Cast, blueprint: Make, tmp_path: Path) -> None:
    entity = {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "notes"},
              "spec": {"type": "service", "lifecycle": "production", "owner": "crew"}}  # fmt: skip
    steps = [
        {"id": "write", "action": "catalog:write", "input": {"entity": entity}},
        {"id": "publish", "action": "publish:git", "input": {"folder": "notes"}},
        {"id": "register", "action": "catalog:register",
         "input": {"repoContentsUrl": "${{ steps.publish.output.repoContentsUrl }}"}},
    ]  # fmt: skip
    task = run(cast, blueprint(steps=steps, output={"ref": "${{ steps.register.output.entityRef }}"}))
    assert (task.state, task.reason) == (TaskState.COMPLETED, "")
    assert task.output["ref"] == "component:default/notes"
    assert (tmp_path / "git" / "stage" / "notes.git").is_dir()
    location = Location.objects.get(target__contains="notes.git")
    read_now(location.pk)
    assert Entity.objects.get(ref="component:default/notes").space == cast.space


def test_it_does_not_register_repositories_of_this_machine_that_it_did_not_push(
    cast: Cast, blueprint: Make, tmp_path: Path
) -> None:
    (tmp_path / "git" / "theirs.git").mkdir()
    url = f"file://{tmp_path}/git/theirs.git/blob/main/catalog-info.yaml"
    task = run(cast, blueprint(steps=[{"id": "r", "action": "catalog:register", "input": {"catalogInfoUrl": url}}]))
    assert task.state == TaskState.FAILED
    assert "admins of the root space" in task.reason


def test_it_pushes_to_repositories_of_its_own_space_only(cast: Cast, blueprint: Make, tmp_path: Path) -> None:
    theirs = tmp_path / "git" / "wings" / "theirs.git"
    steps = [{"id": "w", "action": "catalog:write", "input": {"entity": {"kind": "Component"}}},
             {"id": "p", "action": "publish:git", "input": {"remote": str(theirs)}}]  # fmt: skip
    task = run(cast, blueprint(steps=steps))
    assert task.state == TaskState.FAILED
    assert not theirs.exists()


def test_it_keeps_skeletons_inside_the_workspace(cast: Cast, blueprint: Make, tmp_path: Path) -> None:
    made = blueprint(
        name="leaver", steps=[{"id": "f", "action": "fetch:plain", "input": {"url": "./code", "targetPath": "../out"}}]
    )
    code = tmp_path / "templates" / "leaver" / "code"
    code.mkdir()
    (code / "x").write_text("x")
    task = run(cast, made)
    assert task.state == TaskState.FAILED
    assert not (tmp_path / "workspaces" / "out").exists()


def test_it_ends_a_waiting_task_at_once_when_cancelled(cast: Cast, blueprint: Make) -> None:
    task = make_task(cast.subject("member"), blueprint(), cast.space)
    cancelled = cancel_task(subject=cast.subject("member"), task=task)
    assert cancelled.state == TaskState.CANCELLED
    execute_task(task.pk)
    assert "Hello ada" not in "".join(lines(task))
    with pytest.raises(Conflict):
        cancel_task(subject=cast.subject("member"), task=cancelled)


def test_it_runs_a_failed_task_again_under_the_same_id(cast: Cast, blueprint: Make) -> None:
    task = run(
        cast, blueprint(steps=[{"id": "x", "action": "fs:rename", "input": {"files": [{"from": "a", "to": "b"}]}}])
    )
    again = retry_task(subject=cast.subject("member"), task=task)
    assert (again.uid, again.state) == (task.uid, TaskState.OPEN)
    execute_task(task.pk)
    task.refresh_from_db()
    assert task.state == TaskState.FAILED
    assert task.events.filter(kind="recovered").count() == 1


def test_it_does_not_run_again_what_needed_secrets(cast: Cast, blueprint: Make) -> None:
    task = make_task(cast.subject("member"), blueprint(), cast.space, secrets={"word": SECRET})
    cancel_task(subject=cast.subject("member"), task=task)
    with pytest.raises(Conflict, match="secrets"):
        retry_task(subject=cast.subject("member"), task=task)


def test_it_is_taken_by_one_worker_only(cast: Cast, blueprint: Make) -> None:
    task = make_task(cast.subject("member"), blueprint(), cast.space)
    assert claim(Task, task.pk, [TaskState.OPEN], to=TaskState.PROCESSING) is not None
    assert claim(Task, task.pk, [TaskState.OPEN], to=TaskState.PROCESSING) is None


def test_it_ends_tasks_of_lost_workers_and_refuses_their_late_words(cast: Cast, blueprint: Make) -> None:
    task = make_task(cast.subject("member"), blueprint(), cast.space)
    held = claim(Task, task.pk, [TaskState.OPEN], to=TaskState.PROCESSING)
    assert held is not None
    Task.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert reap_tasks() == (1, 0)
    task.refresh_from_db()
    assert task.state == TaskState.FAILED
    assert "worker that ran this task was lost" in task.reason
    late = Recorder(held, Masker())
    with pytest.raises(LostClaim):
        late.log("I am still here")


def test_it_sends_waiting_tasks_again_whose_message_was_lost(
    cast: Cast, blueprint: Make, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaffolder.tasks.reaping.send", sent.append)
    task = make_task(cast.subject("member"), blueprint(), cast.space)
    Task.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert reap_tasks() == (0, 1)
    assert sent == [task.pk]


def test_it_ends_truthfully_when_the_portal_itself_fails(
    cast: Cast, blueprint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scaffolder.tasks.execute.run_steps_of", broken)
    task = run(cast, blueprint())
    assert task.state == TaskState.FAILED
    assert "portal failed" in task.reason
