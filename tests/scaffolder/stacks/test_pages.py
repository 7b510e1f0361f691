"""Every page and endpoint of stacks, runs and resources by rights: its people see it, a stranger finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.resources.models import Resource
from catalog.resources.services import Standing, sync_resources
from scaffolder.runs.models import Run, RunChange, RunLog, RunState
from scaffolder.runs.phases import facts_of
from scaffolder.stacks.models import Stack, StateVersion
from tests.conftest import Cast
from tests.factories.stacks import SECRET, make_run, make_stack

SignIn = Callable[[Any], Client]


@pytest.fixture
def stack(cast: Cast) -> Stack:
    """A stack that has run: with log, state, resource, variables."""
    stack = make_stack(
        cast.space, name="Shop network", secrets={"password": SECRET}, entity_ref="component:default/shop"
    )
    run = make_run(
        stack,
        state=RunState.UNCONFIRMED,
        added=1,
        changed=0,
        destroyed=0,
        changes=[{"address": "a.b", "action": "create", "type": "a"}],
    )
    RunChange.objects.create(run=run, state="unconfirmed", by="worker")
    RunLog.objects.create(run=run, first=1, count=1, lines=[["2026-01-01T00:00:00+00:00", "planning", "", "Plan: 1"]])
    StateVersion.objects.create(stack=stack, serial=1, size=2, content=b"x", run_uid=run.uid)
    thing = Standing("terraform_data.shop", "terraform_data", "shop")
    sync_resources(stack=facts_of(stack), standing=[thing], run_uid=run.uid, is_complete=True)
    return stack


def addresses(stack: Stack) -> list[str]:
    run = Run.objects.get(stack=stack)
    resource = Resource.objects.get()
    names = ["detail", "resources", "variables", "state", "settings"]
    pages = [reverse(f"stacks:{name}", args=[stack.slug]) for name in names]
    pages += [reverse("runs:detail", args=[run.uid]), reverse("runs:log", args=[run.uid])]
    pages += [reverse("resources:detail", args=[resource.uid])]
    api = [f"/api/v1/stacks/{stack.slug}/{part}" for part in ("", "variables/", "runs/", "state-versions/")]
    return [
        *pages,
        *api,
        f"/api/v1/runs/{run.uid}/",
        f"/api/v1/runs/{run.uid}/logs/",
        f"/api/v1/resources/{resource.uid}/",
    ]


LISTS = ["/stacks/", "/stacks/runs/", "/resources/", "/api/v1/stacks/", "/api/v1/runs/", "/api/v1/resources/", "/"]


@pytest.mark.parametrize("who", ["owner", "member", "operator"])
def test_its_people_see_everything_but_secrets(who: str, cast: Cast, stack: Stack, as_client: SignIn) -> None:
    client = as_client(getattr(cast, who))
    for address in [*addresses(stack), *LISTS]:
        response = client.get(address)
        assert response.status_code == 200, (address, response.content[:500])
        assert SECRET not in response.content.decode()


def test_a_stranger_finds_nothing(cast: Cast, stack: Stack, as_client: SignIn) -> None:
    client = as_client(cast.stranger)
    for address in addresses(stack):
        assert client.get(address).status_code == 404, address
    for address in LISTS:
        text = client.get(address).content.decode()
        assert "hop network" not in text, address
        assert stack.slug not in text, address
    assert client.get("/api/v1/resources/facets/").json()["stack"] == {}
    run = Run.objects.get()
    for verb in ("confirm", "discard", "cancel", "stop", "retry"):
        assert client.post(reverse("runs:act", args=[run.uid, verb])).status_code == 404
        assert client.post(f"/api/v1/runs/{run.uid}/{verb}/", content_type="application/json").status_code == 404
    for name in ("trigger", "delete", "variable_delete", "state_unlock"):
        assert client.post(reverse(f"stacks:{name}", args=[stack.slug])).status_code == 404
    for name in ("log_stream", "standing_stream"):
        assert client.get(reverse(f"runs:{name}", args=[run.uid])).status_code == 404
    run.refresh_from_db()
    assert run.state == RunState.UNCONFIRMED


def test_a_secret_variable_shows_only_that_it_is_set(cast: Cast, stack: Stack, as_client: SignIn) -> None:
    rows = as_client(cast.owner).get(f"/api/v1/stacks/{stack.slug}/variables/").json()
    secret = next(row for row in rows if row["name"] == "password")
    assert secret["value"] is None
    assert secret["checksum"]


def test_pages_say_what_to_do_while_there_is_nothing(cast: Cast, as_client: SignIn) -> None:
    client = as_client(cast.member)
    assert b"No stack here" in client.get("/stacks/").content
    assert b"No resource here" in client.get("/resources/").content
    assert client.get("/stacks/new/").status_code == 200


def test_a_stack_is_made_and_run_by_forms(cast: Cast, as_client: SignIn, settings: Any) -> None:
    client = as_client(cast.member)
    folder = settings.GIT_ROOTS[0] / "net.git"
    data = {
        "name": "Net",
        "slug": "net",
        "space": "stage",
        "tool": "opentofu",
        "repository": str(folder),
        "labels": "a, b",
    }
    response = client.post("/stacks/new/", data)
    assert response.status_code == 302, response.content.decode()
    stack = Stack.objects.get()
    assert (stack.labels, stack.space) == (["a", "b"], cast.space)
    assert client.post("/stacks/net/variables/", {"name": "x", "value": "1"}).status_code == 302
    assert (
        client.post(
            "/stacks/net/settings/", {**data, "name": "Net 2", "labels": "", "options": "check=off"}
        ).status_code
        == 302
    )
    assert b"check=off" in client.get("/stacks/net/settings/").content
    wrong = client.post("/stacks/net/settings/", {**data, "options": "check"})
    assert (wrong.status_code, b"name=value" in wrong.content) == (422, True)
    first = client.post("/stacks/net/runs/", {"type": "tracked"})
    assert first["Location"] == reverse("runs:detail", args=[Run.objects.get().uid])
    second = client.post("/stacks/net/runs/", {"type": "tracked"}, follow=True)
    assert b"Only one run may change a stack" in second.content
    assert client.post("/stacks/net/delete/", {"resources": "keep"}).status_code == 403


def test_a_wrong_form_says_where(cast: Cast, as_client: SignIn) -> None:
    client = as_client(cast.member)
    data = {
        "name": "Net",
        "slug": "runs",
        "space": "stage",
        "tool": "opentofu",
        "repository": "ssh://git@host/x",
        "project_root": "../x",
    }
    response = client.post("/stacks/new/", data)
    assert response.status_code == 422
    text = response.content.decode()
    assert "are taken" in text
    assert "must be an https address" in text
    assert "without “..”" in text
