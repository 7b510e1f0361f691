"""Addresses of stacks, their state, runs and resources."""

from __future__ import annotations

from typing import Any

from catalog.resources.models import Resource
from catalog.resources.services import Standing, sync_resources
from scaffolder.runs.models import Run, RunState
from scaffolder.runs.phases import facts_of
from scaffolder.stacks.models import Stack, StateLock
from scaffolder.stacks.state import StateHolder, issue_credential, store_state
from tests.contracts.matrix import API_IN_SPACE, API_SIGNED_IN, IN_SPACE, SIGNED_IN, Row, Stage, nothing
from tests.factories.stacks import make_run, make_stack


def _stack(stage: Stage) -> Stack:
    found: Stack = stage.once("stack", lambda: make_stack(stage.cast.space, slug="net"))
    return found


def _slug(stage: Stage) -> dict[str, Any]:
    return {"slug": _stack(stage).slug}


def _locked(stage: Stage) -> dict[str, Any]:
    StateLock.objects.create(stack=_stack(stage), lock_id="left-behind")
    return _slug(stage)


def _variable(stage: Stage) -> dict[str, Any]:
    return {"slug": _stack(stage).slug, "name": "greeting"}


def _version(stage: Stage) -> int:
    stack, run = _stack(stage), _run(stage)
    issue_credential(stack=stack, run_uid=run.uid, is_writer=True)
    return store_state(StateHolder(stack, run.uid, True), b'{"serial": 1}', lock_id="").pk


def _versioned(stage: Stage) -> dict[str, Any]:
    return {"slug": _stack(stage).slug, "number": _version(stage)}


def _run(stage: Stage, state: RunState = RunState.UNCONFIRMED) -> Run:
    found: Run = stage.once("run", lambda: make_run(_stack(stage), state=state))
    return found


def _uid(stage: Stage) -> dict[str, Any]:
    return {"uid": _run(stage).uid}


def _queued(stage: Stage) -> dict[str, Any]:
    return {"uid": _run(stage, RunState.QUEUED).uid}


def _planning(stage: Stage) -> dict[str, Any]:
    return {"uid": _run(stage, RunState.PLANNING).uid}


def _failed(stage: Stage) -> dict[str, Any]:
    return {"uid": _run(stage, RunState.FAILED).uid}


def _confirm(stage: Stage) -> dict[str, Any]:
    return {**_uid(stage), "verb": "confirm"}


def _resource(stage: Stage) -> dict[str, Any]:
    stack = _stack(stage)
    thing = Standing("a.b", "a", "b")
    sync_resources(stack=facts_of(stack), standing=[thing], run_uid=stack.uid, is_complete=True)
    return {"uid": Resource.objects.get().uid}


def _new_stack(stage: Stage) -> dict[str, Any]:
    return {
        "name": "New", "slug": "newest", "space": stage.cast.space.slug, "tool": "opentofu",
        "repository": "https://github.com/a/b",
    }  # fmt: skip


def _settings(stage: Stage) -> dict[str, Any]:
    return {"name": "Renamed", "tool": "opentofu"}


def _value(stage: Stage) -> dict[str, Any]:
    return {"name": "greeting", "value": "hi"}


# Reading: readers too; writing: from writers on; deleting and secrets of the state: admins.
_WRITE_PAGE = "302 404 403 302 302 302"
_ADMIN_PAGE = "302 404 403 403 302 302"


def _role(stage: Stage) -> dict[str, Any]:
    return {"role": "writer", "space": stage.cast.space.slug}


ROWS = [
    Row("stacks:list", SIGNED_IN),
    # The stranger may make stacks in the sibling space; this space is none of its choices.
    Row("stacks:create", SIGNED_IN | {"POST": "302 422 422 302 302 302"}, nothing, _new_stack),
    Row("stacks:detail", IN_SPACE, _slug),
    Row("stacks:role_give", {"POST": "302 404 403 403 302 302"}, _slug, _role),
    Row("api-stack-roles", API_IN_SPACE | {"POST": "401 404 403 403 201 201"}, _slug, _role),
    Row("stacks:resources", IN_SPACE, _slug),
    Row("stacks:variables", IN_SPACE | {"POST": _WRITE_PAGE}, _slug, _value),
    Row("stacks:variable_delete", {"POST": _WRITE_PAGE}, _slug, _value),
    Row("stacks:state", IN_SPACE, _slug),
    Row("stacks:state_unlock", {"POST": _ADMIN_PAGE}, _locked),
    Row("stacks:settings", IN_SPACE | {"POST": _WRITE_PAGE}, _slug, _settings),
    Row("stacks:trigger", {"POST": _WRITE_PAGE}, _slug),
    Row("stacks:delete", {"POST": _ADMIN_PAGE}, _slug),
    Row("runs:list", SIGNED_IN),
    Row("runs:detail", IN_SPACE, _uid),
    Row("runs:log", IN_SPACE, _uid),
    Row("runs:log_stream", IN_SPACE, _uid),
    Row("runs:standing_stream", IN_SPACE, _uid),
    Row("runs:act", {"POST": _WRITE_PAGE}, _confirm),
    Row("resources:list", SIGNED_IN),
    Row("resources:detail", IN_SPACE, _resource),
    Row("api-stack-list", API_SIGNED_IN | {"POST": "401 400 403 201 201 201"}, nothing, _new_stack),
    Row(
        "api-stack-detail",
        API_IN_SPACE | {"PATCH": "401 404 403 200 200 200", "DELETE": "401 404 403 403 204 204"},
        _slug,
    ),
    Row("api-stack-variables", API_IN_SPACE | {"POST": "401 404 403 200 200 200"}, _slug, _value),
    Row("api-stack-variable", {"DELETE": "401 404 403 204 204 204"}, _variable),
    Row("api-stack-runs", API_IN_SPACE | {"POST": "401 404 403 201 201 201"}, _slug),
    Row("api-stack-state-versions", API_IN_SPACE, _slug),
    Row("api-stack-state-version", {"GET": "401 404 403 403 200 200"}, _versioned),
    Row("api-stack-unlock-state", {"POST": "401 404 403 403 204 204"}, _locked),
    # For runs and tokens; the session of a browser is neither.
    Row(
        "stack-state",
        {"GET": "401 401 401 401 401 401", "POST": "401 401 401 401 401 401"},
        _slug,
        others={
            "token of stranger": {"GET": 404},
            "token of reader": {"GET": 403},
            "token of member": {"GET": 403},
            "token of owner": {"GET": 204},
            "token of parent": {"GET": 204},
            "token of operator": {"GET": 204},
            "reading token of owner": {"GET": 403},
        },
    ),
    Row("api-run-list", API_SIGNED_IN),
    Row("api-run-detail", API_IN_SPACE, _uid),
    Row("api-run-confirm", {"POST": "401 404 403 200 200 200"}, _uid),
    Row("api-run-discard", {"POST": "401 404 403 200 200 200"}, _uid),
    Row("api-run-cancel", {"POST": "401 404 403 200 200 200"}, _queued),
    Row("api-run-stop", {"POST": "401 404 403 202 202 202"}, _planning),
    Row("api-run-retry", {"POST": "401 404 403 201 201 201"}, _failed),
    Row("api-run-logs", API_IN_SPACE, _uid),
    Row("api-resource-list", API_SIGNED_IN),
    Row("api-resource-detail", API_IN_SPACE, _resource),
    Row("api-resource-facets", API_SIGNED_IN),
]
