"""The HTTP state backend: the protocol, who may use it, what it refuses. OpenTofu uses it in the tests of runs."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from django.test import Client

from portal.lib.errors import Conflict
from scaffolder.stacks import state
from scaffolder.stacks.models import Stack, StateCredential, StateLock, StateVersion
from scaffolder.stacks.services import unlock_state
from scaffolder.stacks.state import content_of, current_version, issue_credential
from tests.conftest import Cast
from tests.factories.portal import make_token
from tests.factories.stacks import make_run, make_stack

pytestmark = pytest.mark.django_db
LOCK = {"ID": "lock-1", "Operation": "OperationTypeApply", "Who": "ada@desk"}


class Tool:
    """What OpenTofu sends."""

    def __init__(self, client: Client, stack: Stack, *, is_writer: bool = True) -> None:
        self.client, self.stack = client, stack
        self.run = make_run(stack, type="tracked" if is_writer else "proposed")
        user, password = issue_credential(stack=stack, run_uid=self.run.uid, is_writer=is_writer)
        self.headers = {"Authorization": basic(user, password)}

    def ask(self, method: str, data: Any = None, query: str = "", **headers: str) -> Any:
        body = data if isinstance(data, bytes) else json.dumps(data) if data is not None else ""
        address = f"/api/v1/stacks/{self.stack.slug}/state{query}"
        return self.client.generic(
            method, address, body, content_type="application/json", headers={**self.headers, **headers}
        )


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def state_of(serial: int, lineage: str = "one") -> dict[str, Any]:
    instances = [{"attributes": {"password": "plain-secret"}}]
    return {"serial": serial, "lineage": lineage, "resources": [{"mode": "managed", "instances": instances}]}


@pytest.fixture
def tool(client: Client, cast: Cast) -> Tool:
    return Tool(client, make_stack(cast.space))


def test_it_keeps_versions_encrypted(tool: Tool) -> None:
    assert tool.ask("GET").status_code == 204
    for serial in (1, 2):
        assert tool.ask("POST", state_of(serial)).status_code == 200
    answer = tool.ask("GET")
    assert answer.json()["serial"] == 2
    assert answer["Content-MD5"] == base64.b64encode(hashlib.md5(answer.content).digest()).decode()
    first, second = StateVersion.objects.order_by("pk")
    assert (second.serial, second.resource_count, second.run_uid) == (2, 1, tool.run.uid)
    assert b"plain-secret" not in bytes(second.content)
    assert json.loads(content_of(first))["serial"] == 1


def test_the_same_state_again_is_no_new_version(tool: Tool) -> None:
    assert [tool.ask("POST", state_of(1)).status_code for _ in range(2)] == [200, 200]
    assert StateVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (state_of(1, "one") | {"extra": 1}, {}, 409),
        (state_of(0), {}, 409),
        (state_of(9, "two"), {}, 409),
        (b"no json", {}, 400),
        (b"[1]", {}, 400),
        (b'{"serial": "x"}', {}, 400),
        (state_of(2), {"Content-MD5": "AAAA"}, 400),
    ],
)
def test_it_refuses_what_would_spoil_the_state(data: Any, headers: dict[str, str], status: int, tool: Tool) -> None:
    tool.ask("POST", state_of(1))
    answer = tool.ask("POST", data, **headers)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert StateVersion.objects.count() == 1


def test_it_takes_states_above_the_limit_of_forms_and_refuses_beyond_its_own(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = state_of(1) | {"padding": "x" * (13 * 1024 * 1024)}
    assert tool.ask("POST", large).status_code == 200
    monkeypatch.setattr(state, "MOST_STATE_BYTES", 1000)
    assert tool.ask("POST", large).status_code == 413


def test_one_holds_the_lock_and_others_are_told_who(tool: Tool, client: Client) -> None:
    assert tool.ask("LOCK", LOCK).status_code == 200
    assert tool.ask("LOCK", LOCK).status_code == 200
    refused = tool.ask("LOCK", LOCK | {"ID": "lock-2"})
    assert (refused.status_code, refused.json()["Who"]) == (423, "ada@desk")
    assert tool.ask("POST", state_of(1)).status_code == 423
    assert tool.ask("POST", state_of(1), "?ID=lock-2").status_code == 423
    assert tool.ask("POST", state_of(1), "?ID=lock-1").status_code == 200
    assert tool.ask("UNLOCK", {"ID": "lock-2"}).status_code == 423
    assert tool.ask("UNLOCK", LOCK).status_code == 200
    assert not StateLock.objects.exists()


def test_a_preview_reads_without_locking_and_writes_nothing(client: Client, cast: Cast) -> None:
    stack = make_stack(cast.space)
    writer, reader = Tool(client, stack), Tool(client, stack, is_writer=False)
    writer.ask("LOCK", LOCK)
    writer.ask("POST", state_of(1), "?ID=lock-1")
    assert reader.ask("LOCK", LOCK | {"ID": "mine"}).status_code == 200
    assert reader.ask("GET").json()["serial"] == 1
    assert reader.ask("POST", state_of(2), "?ID=mine").status_code == 409
    assert reader.ask("UNLOCK", {"ID": "mine"}).status_code == 200
    assert StateLock.objects.get().lock_id == "lock-1"


def test_a_deleted_state_is_gone_and_its_versions_stay(tool: Tool) -> None:
    tool.ask("POST", state_of(1))
    assert tool.ask("DELETE").status_code == 200
    assert tool.ask("GET").status_code == 204
    assert current_version(tool.stack) is None
    assert StateVersion.objects.count() == 2
    assert tool.ask("POST", state_of(1, "anew")).status_code == 200


def test_only_the_present_claim_of_the_run_gets_in(tool: Tool, cast: Cast) -> None:
    other = make_stack(cast.space)
    good = tool.headers["Authorization"]
    for wrong in ("", "Basic !!", basic(f"run-{tool.run.uid}", "guess"), basic("run-x", "y"), "Bearer cbp_nothing"):
        tool.headers["Authorization"] = wrong
        answer = tool.ask("GET")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Basic realm="callboard state"')
        assert tool.ask("POST", state_of(1)).status_code == 401
    tool.headers["Authorization"] = good
    assert tool.client.get(f"/api/v1/stacks/{other.slug}/state", headers=tool.headers).status_code == 401
    issue_credential(stack=tool.stack, run_uid=tool.run.uid, is_writer=True)
    assert tool.ask("GET").status_code == 401
    StateCredential.objects.all().delete()
    assert tool.ask("LOCK", LOCK).status_code == 401


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("member", 403), ("stranger", 404)])
def test_people_with_the_right_read_it_by_token(who: str, status: int, tool: Tool, cast: Cast) -> None:
    tool.ask("POST", state_of(1))
    token = make_token(getattr(cast, who))
    for header in (f"Bearer {token}", basic("anything", token)):
        tool.headers["Authorization"] = header
        assert tool.ask("GET").status_code == status
        assert tool.ask("POST", state_of(2)).status_code == 401


def test_a_lock_left_behind_is_released_by_an_admin(tool: Tool, cast: Cast) -> None:
    tool.ask("LOCK", LOCK)
    with pytest.raises(Conflict, match="at work"):
        unlock_state(subject=cast.subject("owner"), stack=tool.stack)
    StateLock.objects.update(run_uid=None)
    unlock_state(subject=cast.subject("owner"), stack=tool.stack)
    assert not StateLock.objects.exists()
