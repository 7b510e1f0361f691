"""Addresses of blueprints, drafts and tasks, as pages and by Backstage's wire contract."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from portal.accounts.subjects import person
from scaffolder.tasks.models import Task, TaskState
from tests.contracts.matrix import API_IN_SPACE, API_SIGNED_IN, IN_SPACE, SIGNED_IN, Row, Stage
from tests.factories.tasks import make_blueprint, make_draft, make_task


def blueprint(stage: Stage) -> Any:
    def make() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            return make_blueprint(Path(folder), stage.cast.space, name="hello")

    return stage.once("blueprint", make)


def template(stage: Stage) -> dict[str, Any]:
    blueprint(stage)
    return {"namespace": "default", "name": "hello"}


def task(stage: Stage) -> dict[str, Any]:
    made = stage.once("task", lambda: make_task(person(stage.cast.owner), blueprint(stage), stage.cast.space))
    return {"uid": made.uid}


def failed_task(stage: Stage) -> dict[str, Any]:
    found = task(stage)
    Task.objects.filter(uid=found["uid"]).update(state=TaskState.FAILED)
    return found


def ended_task(stage: Stage) -> dict[str, Any]:
    found = task(stage)
    Task.objects.filter(uid=found["uid"]).update(state=TaskState.COMPLETED)
    return found


def draft(stage: Stage) -> dict[str, Any]:
    """A draft of the space's admin: nobody else may see it, whatever their role."""
    return {"uid": stage.once("draft", lambda: make_draft(stage.cast.owner, blueprint(stage))).uid}


def draft_page(stage: Stage) -> dict[str, Any]:
    return {**draft(stage), "number": 1}


def order(stage: Stage) -> dict[str, Any]:
    blueprint(stage)
    return {"templateRef": "template:default/hello", "values": {"name": "ada"}, "space": stage.cast.space.slug}


def trial(stage: Stage) -> dict[str, Any]:
    return {
        "template": {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": {"name": "x"},
            "spec": {"type": "x", "steps": [{"action": "debug:log", "input": {"message": "x"}}]},
        },
        "values": {},
    }


ROWS = [
    Row("create:gallery", SIGNED_IN),
    Row("create:start", IN_SPACE, template),
    Row("create:page", {"GET": "302 404 404 404 200 404"}, draft_page, others={"parent": 404}),
    Row("create:review", {"GET": "302 404 404 404 200 404"}, draft, others={"parent": 404}),
    Row("create:discard", {"POST": "302 404 404 404 302 404"}, draft, others={"parent": 404}),
    Row("tasks:list", SIGNED_IN),
    Row("tasks:detail", IN_SPACE, task),
    Row("tasks:live", IN_SPACE, ended_task),
    Row("tasks:cancel", {"POST": "302 404 403 302 302 302"}, task),
    Row("tasks:retry", {"POST": "302 404 403 302 302 302"}, failed_task),
    Row("scaffolder-wire:tasks", API_SIGNED_IN | {"POST": "401 404 403 201 201 201"}, body=order),
    Row("scaffolder-wire:task", API_IN_SPACE, task),
    Row("scaffolder-wire:cancel", {"POST": "401 404 403 200 200 200"}, task),
    Row("scaffolder-wire:retry", {"POST": "401 404 403 201 201 201"}, failed_task),
    Row("scaffolder-wire:events", API_IN_SPACE, ended_task),
    Row("scaffolder-wire:eventstream", API_IN_SPACE, ended_task),
    Row(
        "scaffolder-wire:parameter-schema",
        API_IN_SPACE,
        lambda stage: {**template(stage), "kind": "template"},
    ),
    Row("scaffolder-wire:actions", API_SIGNED_IN),
    Row("scaffolder-wire:dry-run", {"POST": "401 200 403 200 200 200"}, body=trial, others={"outsider": 403}),
]
