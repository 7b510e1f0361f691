"""Runs whose worker died end truthfully, and free what they held."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.resources.models import Resource
from catalog.resources.services import Standing, sync_resources
from portal.accounts.subjects import system
from scaffolder.runs import publishing, reaper
from scaffolder.runs.models import Run, RunState
from scaffolder.runs.phases import facts_of
from scaffolder.runs.services import trigger_run
from scaffolder.stacks.models import StateLock
from tests.factories.stacks import make_run, make_stack

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that were published."""
    found: list[int] = []
    monkeypatch.setattr(publishing, "send", found.append)
    monkeypatch.setattr(reaper, "send", found.append)
    return found


def lost(state: RunState, **fields: Any) -> Run:
    ended = timezone.now() - timedelta(seconds=1)
    return make_run(state=state, lease_until=ended, worker="gone:1", fence=3, **fields)


@pytest.mark.parametrize(
    ("state", "fields", "result", "words"),
    [
        (RunState.PREPARING, {"attempts": 1}, "queued", ""),
        (RunState.INITIALIZING, {"attempts": 1}, "queued", ""),
        (RunState.INITIALIZING, {"attempts": 3}, "failed", "3 times"),
        (RunState.PLANNING, {}, "failed", "Nothing was changed"),
        (RunState.PLANNING, {"stop_wanted_by": "ada"}, "stopped", "Stopped by ada"),
        (RunState.APPLYING, {}, "failed", "Some changes may have been made"),
        (RunState.APPLYING, {"stop_wanted_by": "ada"}, "failed", "Some changes may have been made"),
    ],
)
def test_it_settles_by_how_far_the_run_was(
    state: RunState, fields: dict[str, Any], result: str, words: str, sent: list[int]
) -> None:
    run = lost(state, **fields)
    StateLock.objects.create(stack=run.stack, lock_id="1", run_uid=run.uid)
    assert reaper.reap()["settled"] == 1
    run.refresh_from_db()
    assert (run.state, run.lease_until, run.fence) == (result, None, 4)
    assert words in run.reason
    assert not StateLock.objects.exists()
    if run.has_ended:
        assert trigger_run(subject=system(), stack=run.stack).state == "queued"


def test_a_cut_off_apply_puts_the_resources_in_doubt() -> None:
    run = lost(RunState.APPLYING)
    thing = Standing("a.b", "a", "b")
    sync_resources(stack=facts_of(run.stack), standing=[thing], run_uid=run.uid, is_complete=True)
    reaper.reap()
    assert Resource.objects.get().health == "unknown"


def test_it_leaves_the_living_alone() -> None:
    run = make_run(state=RunState.PLANNING, lease_until=timezone.now() + timedelta(seconds=5))
    assert reaper.reap()["settled"] == 0
    assert Run.objects.get(pk=run.pk).state == RunState.PLANNING


def test_it_publishes_again_what_waits_too_long(sent: list[int]) -> None:
    old = timezone.now() - timedelta(minutes=1)
    waiting = make_run(published_at=old)
    confirmed = make_run(make_stack(), state=RunState.CONFIRMED, published_at=old)
    make_run(make_stack())
    make_run(make_stack(), state=RunState.UNCONFIRMED, published_at=old)
    sent.clear()
    reaper.reap()
    assert sorted(sent) == sorted([waiting.pk, confirmed.pk])
    sent.clear()
    reaper.reap()
    assert sent == []


def test_it_removes_what_dead_workers_left_on_disk(settings: Any, tmp_path: Path) -> None:
    settings.WORKSPACES_DIR = tmp_path
    alive = make_run(state=RunState.PLANNING, lease_until=timezone.now() + timedelta(seconds=5))
    ended = make_run(make_stack(), state=RunState.FAILED)
    for run in (alive, ended):
        (tmp_path / str(run.uid)).mkdir()
    assert reaper.reap()["swept"] == 1
    assert [path.name for path in tmp_path.iterdir()] == [str(alive.uid)]
