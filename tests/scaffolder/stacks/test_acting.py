"""Roles of stacks: who may give them, what a run's token may, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import ApiToken, User, Workload
from portal.accounts.subjects import person
from portal.audit.models import AuditEvent
from portal.lib.errors import Forbidden, NotFound
from portal.spaces.bindings import bind_role, change_end
from portal.spaces.models import Binding, Role, Space
from scaffolder.runs.models import RunState
from scaffolder.runs.transitions import By, move
from scaffolder.stacks import acting
from scaffolder.stacks.models import Stack
from scaffolder.stacks.services import delete_stack
from tests.conftest import Cast
from tests.factories.portal import bind
from tests.factories.stacks import make_run, make_stack

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def give(user: User, stack: Stack, role: str, space: Space, **options: Any) -> Binding:
    return acting.give_role(subject=person(user), stack=stack, role=Role.objects.get(slug=role), space=space, **options)


def status(token: str, slug: str) -> int:
    return Client(headers={"Authorization": f"Bearer {token}"}).get(f"/api/v1/spaces/{slug}/").status_code


def test_it_needs_the_right_at_the_stack_and_where_the_role_holds(cast: Cast, root: Space) -> None:
    stack = make_stack(cast.space)
    with pytest.raises(NotFound):
        give(cast.owner, stack, "writer", cast.sibling)
    with pytest.raises(Forbidden):
        give(cast.member, stack, "reader", cast.space)
    with pytest.raises(NotFound):
        give(cast.stranger, stack, "reader", cast.sibling)
    bind(cast.owner, "admin", cast.sibling)
    assert give(cast.owner, stack, "writer", cast.sibling).space == cast.sibling
    with pytest.raises(Forbidden, match="lives in the root space"):
        give(cast.operator, stack, "reader", root)
    assert give(cast.operator, make_stack(root), "reader", root).space == root


def test_no_other_door_gives_or_prolongs_a_stack_s_role(cast: Cast) -> None:
    stack = make_stack(cast.space)
    bind(cast.owner, "admin", cast.sibling)
    binding = give(cast.owner, stack, "reader", cast.sibling, expires_at=timezone.now() + timedelta(days=1))
    assert stack.workload is not None
    writer = Role.objects.get(slug="writer")
    with pytest.raises(NotFound):
        bind_role(subject=person(cast.stranger), space=cast.sibling, role=writer, workload=stack.workload)
    with pytest.raises(NotFound):
        change_end(subject=person(cast.stranger), binding=binding, expires_at=None)


def test_the_token_of_a_run_has_the_roles_of_its_stack_and_nothing_else(cast: Cast) -> None:
    stack = make_stack(cast.space)
    run = make_run(stack, state=RunState.PLANNING)
    assert acting.token_for_run(stack, run.uid) == ""
    bind(cast.owner, "admin", cast.sibling)
    binding = give(cast.owner, stack, "reader", cast.sibling)
    token = acting.token_for_run(stack, run.uid)
    assert (status(token, "wings"), status(token, "stage")) == (200, 404)
    binding.delete()
    assert status(token, "wings") == 404


@pytest.mark.parametrize("to", [RunState.UNCONFIRMED, RunState.FINISHED, RunState.FAILED])
def test_the_token_ends_with_the_phase(cast: Cast, to: RunState) -> None:
    stack = make_stack(cast.space)
    give(cast.owner, stack, "reader", cast.space)
    run = make_run(stack, state=RunState.PLANNING)
    other = make_run(make_stack(cast.space), state=RunState.PLANNING)
    token = acting.token_for_run(stack, run.uid)
    assert status(token, "stage") == 200
    move(other, RunState.FAILED, by=By.REAPER, label="reaper")
    assert status(token, "stage") == 200
    move(run, to, by=By.WORKER if to != RunState.FAILED else By.REAPER, label="worker")
    assert status(token, "stage") == 401


def test_roles_go_with_the_stack_and_leave_a_trace(cast: Cast) -> None:
    stack = make_stack(cast.space)
    give(cast.owner, stack, "reader", cast.space)
    acting.token_for_run(stack, "0")
    delete_stack(subject=person(cast.owner), stack=stack)
    assert not Workload.objects.exists()
    assert not ApiToken.objects.filter(name="run 0").exists()
    assert AuditEvent.objects.filter(action="binding.delete", arguments__bound__startswith="stack:").exists()


def test_the_settings_page_gives_shows_and_takes_away(as_client: SignIn, cast: Cast) -> None:
    stack = make_stack(cast.space, slug="net")
    client = as_client(cast.owner)
    client.post("/stacks/net/roles/", {"role": "writer", "space": "stage"})
    page = " ".join(client.get("/stacks/net/settings/").content.decode().split())
    assert "CALLBOARD_API_TOKEN" in page
    assert page.count("Take away") >= 1
    assert "stack:net" in client.get("/spaces/stage/").content.decode() or "net" in page
    binding = Binding.objects.get(workload__stack=stack)
    client.post(f"/spaces/stage/bindings/{binding.uid}/delete/")
    assert not Binding.objects.filter(pk=binding.pk).exists()
    wrong = client.post("/stacks/net/roles/", {"role": "writer", "space": "wings"}, follow=True)
    assert "where you give roles" in wrong.content.decode()


def test_the_api_gives_and_lists(as_client: SignIn, cast: Cast) -> None:
    make_stack(cast.space, slug="net")
    client = as_client(cast.owner)
    made = client.post("/api/v1/stacks/net/roles/", {"role": "reader", "space": "stage"}, "application/json")
    assert (made.status_code, made.json()["workload"]) == (201, "net")
    assert [row["role"] for row in client.get("/api/v1/stacks/net/roles/").json()] == ["reader"]
    wrong = client.post("/api/v1/stacks/net/roles/", {"role": "none", "space": "stage"}, "application/json")
    assert wrong.json()["errors"][0]["field"] == "role"
