"""The task endpoints of Backstage's contract, and trying templates out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from scaffolder.blueprints.reading import Blueprint
from scaffolder.expressions.engine import Engine
from scaffolder.expressions.sandbox import Limits
from scaffolder.tasks.execute import execute_task
from scaffolder.tasks.models import Task, TaskState
from tests.conftest import Cast
from tests.factories.portal import make_token

pytestmark = pytest.mark.django_db
Make = Callable[..., Blueprint]
TASKS = "/api/scaffolder/v2/tasks"


@pytest.fixture
def call(cast: Cast, client: Client) -> Callable[..., Any]:
    """Asks with the member's token: ``call(method, path, body)``."""
    token = make_token(cast.member)

    def ask(method: str, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, str) else json.dumps(body or {})
        return client.generic(
            method, path, data, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )

    return ask


def test_it_makes_follows_and_lists_tasks(cast: Cast, blueprint: Make, call: Callable[..., Any]) -> None:
    blueprint(name="hello")
    made = call("POST", TASKS, {"templateRef": "hello", "values": {"name": "ada"}})
    assert made.status_code == 201
    uid = made.json()["id"]
    execute_task(Task.objects.get(uid=uid).pk)
    assert call("GET", f"{TASKS}/{uid}").json()["status"] == "completed"
    events = call("GET", f"{TASKS}/{uid}/events").json()
    assert [events[0]["type"], events[-1]["type"]] == ["log", "completion"]
    later = call("GET", f"{TASKS}/{uid}/events?after={events[-1]['id']}").json()
    assert [event["type"] for event in later] == ["completion"]
    listed = call("GET", f"{TASKS}?status=completed&limit=5").json()
    assert (listed["totalTasks"], listed["tasks"][0]["id"]) == (1, uid)


def test_it_gives_a_row_for_each_wrong_value(blueprint: Make, call: Callable[..., Any]) -> None:
    blueprint(name="hello")
    answer = call("POST", TASKS, {"templateRef": "hello", "values": {}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "name"
    assert answer.json()["error"]["name"] == "InputError"


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "[" * 100_000, '{"templateRef": 1}', '{"templateRef": "a/b/c:", "values": {}}',
             '{"templateRef": "hello", "values": []}', '{"templateRef": "hello", "values": {}, "secrets": 3}'],
    ids=range(8),
)  # fmt: skip
def test_it_refuses_rubbish_with_words(body: str, call: Callable[..., Any]) -> None:
    answer = call("POST", TASKS, body)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]
    assert not Task.objects.exists()


@pytest.mark.parametrize("query", ["order=up:x", "limit=x", "offset=-1"])
def test_it_refuses_wrong_questions(query: str, call: Callable[..., Any]) -> None:
    assert call("GET", f"{TASKS}?{query}").status_code == 400


def test_it_cancels_and_runs_again(cast: Cast, blueprint: Make, call: Callable[..., Any]) -> None:
    blueprint(name="hello")
    uid = call("POST", TASKS, {"templateRef": "hello", "values": {"name": "ada"}}).json()["id"]
    assert call("POST", f"{TASKS}/{uid}/cancel").json() == {"status": "cancelled"}
    assert Task.objects.get().state == TaskState.CANCELLED
    assert call("POST", f"{TASKS}/{uid}/cancel").status_code == 409
    assert call("POST", f"{TASKS}/{uid}/retry").json() == {"id": uid}
    assert call("GET", f"{TASKS}/{uid}").json()["status"] == "open"


def test_it_tells_a_revoked_token_so(cast: Cast, client: Client) -> None:
    token = make_token(cast.member)
    cast.member.api_tokens.update(revoked_at="2020-01-01T00:00:00Z")
    answer = client.get(TASKS, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "revoked" in answer.json()["error"]["message"]


def test_it_asks_browsers_for_their_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.member, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(TASKS, {}, content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["error"]["message"]


def test_it_gives_the_form_of_a_template(blueprint: Make, call: Callable[..., Any]) -> None:
    blueprint(name="hello")
    form = call("GET", "/api/scaffolder/v2/templates/default/template/hello/parameter-schema").json()
    assert (form["title"], form["steps"][0]["title"]) == ("Hello", "Basics")


def test_it_names_the_actions_that_run_here(call: Callable[..., Any]) -> None:
    ids = {action["id"] for action in call("GET", "/api/scaffolder/v2/actions").json()}
    assert {"fetch:template", "publish:git", "stack:create", "stack:run", "catalog:register"} <= ids


def trial(steps: list[dict[str, Any]], files: dict[str, str]) -> dict[str, Any]:
    rows = [{"path": path, "base64Content": base64.b64encode(text.encode()).decode()} for path, text in files.items()]
    spec = {"owner": "crew", "type": "service", "steps": steps, "output": {"made": "${{ parameters.name }}"}}
    template = {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"}}
    return {"template": {**template, "spec": spec}, "values": {"name": "ada"}, "directoryContents": rows}


def test_it_tries_a_template_out_without_effects(cast: Cast, call: Callable[..., Any]) -> None:
    fetch = {
        "id": "f",
        "action": "fetch:template",
        "input": {"url": "./skeleton", "values": {"name": "${{ parameters.name }}"}},
    }
    push = {"id": "p", "action": "publish:git", "input": {"folder": "never"}}
    answer = call(
        "POST", "/api/scaffolder/v2/dry-run", trial([fetch, push], {"skeleton/a.txt": "Hi ${{ values.name }}"})
    )
    body = answer.json()
    assert answer.status_code == 200, body
    assert base64.b64decode(body["directoryContents"][0]["base64Content"]) == b"Hi ada"
    assert body["output"] == {"made": "ada"}
    assert not Task.objects.exists()


def test_it_says_where_a_tried_template_goes_wrong(call: Callable[..., Any]) -> None:
    fetch = {"id": "f", "name": "Fetch", "action": "fetch:template", "input": {"url": "./skeleton"}}
    answer = call("POST", "/api/scaffolder/v2/dry-run", trial([fetch], {"skeleton/a.txt": "${{ values.name.x( }}"}))
    assert answer.status_code == 400
    assert "Fetch" in answer.json()["error"]["message"]
    assert "a.txt" in answer.json()["error"]["message"]


def test_it_ends_expressions_that_loop_for_ever(call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Engine(limits=Limits(seconds=0.3))
    monkeypatch.setattr("scaffolder.tasks.dry_run.engine", lambda: quick)
    forever = "{% for a in range(0, 100000) %}{% for b in range(0, 100000) %}x{% endfor %}{% endfor %}"
    loop = {"id": "l", "name": "Loop", "action": "debug:log", "input": {"message": forever}}
    answer = call("POST", "/api/scaffolder/v2/dry-run", trial([loop], {}))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Loop: A template expression was stopped")
