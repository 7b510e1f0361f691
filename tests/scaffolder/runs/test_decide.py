"""Verbs of people on runs: rights, the right moment, the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.audit.models import AuditEvent
from portal.lib.errors import Conflict, Forbidden, NotFound
from scaffolder.runs import services
from scaffolder.runs.models import Run, RunState
from scaffolder.stacks.services import delete_stack, update_stack
from tests.conftest import Cast
from tests.factories.audit import forget_trail
from tests.factories.portal import bind, make_user
from tests.factories.stacks import make_run, make_stack

Verb = Callable[..., Any]
VERBS: list[tuple[Verb, RunState, str]] = [
    (services.confirm_run, RunState.UNCONFIRMED, "confirmed"),
    (services.discard_run, RunState.UNCONFIRMED, "discarded"),
    (services.cancel_run, RunState.QUEUED, "canceled"),
    (services.stop_run, RunState.PLANNING, "planning"),
    (services.retry_run, RunState.FAILED, "queued"),
]


@pytest.mark.parametrize(("verb", "state", "result"), VERBS)
def test_a_writer_may_and_it_is_recorded(verb: Verb, state: RunState, result: str, cast: Cast) -> None:
    run = make_run(make_stack(cast.space), state=state)
    forget_trail()
    assert verb(subject=cast.subject("member"), run=run).state == result
    event = AuditEvent.objects.get()
    assert (event.actor, event.space) == (cast.member, cast.space)


@pytest.mark.parametrize(("verb", "state", "result"), VERBS)
def test_others_may_not(verb: Verb, state: RunState, result: str, cast: Cast) -> None:
    run = make_run(make_stack(cast.space), state=state)
    reader = make_user("reader")
    bind(reader, "reader", cast.space)
    cast.member = reader
    with pytest.raises(Forbidden):
        verb(subject=cast.subject("member"), run=run)
    with pytest.raises(NotFound):
        verb(subject=cast.subject("stranger"), run=run)
    assert Run.objects.get().state == state


@pytest.mark.parametrize(("verb", "state", "result"), VERBS)
@pytest.mark.parametrize("moment", list(RunState))
def test_only_at_its_moment(verb: Verb, state: RunState, result: str, moment: RunState, cast: Cast) -> None:
    moments = {
        services.stop_run: services.STOPPABLE,
        services.retry_run: ("failed", "discarded", "canceled", "stopped"),
    }
    run = make_run(make_stack(cast.space), state=moment)
    if moment in moments.get(verb, (state,)):
        verb(subject=cast.subject("member"), run=run)
    else:
        with pytest.raises(Conflict):
            verb(subject=cast.subject("member"), run=run)


def test_a_second_run_is_refused_with_the_first_one_named(cast: Cast) -> None:
    stack = make_stack(cast.space)
    first = make_run(stack, state=RunState.UNCONFIRMED)
    with pytest.raises(Conflict, match="Run #1 of this stack is waiting for confirmation") as refused:
        services.trigger_run(subject=cast.subject("member"), stack=stack)
    assert refused.value.data["run"] == str(first.uid)
    assert services.trigger_run(subject=cast.subject("member"), stack=stack, type="proposed").number == 2


def test_a_protected_or_busy_stack_stays(cast: Cast) -> None:
    stack = make_stack(cast.space, is_protected=True)
    for verb in (delete_stack, services.destroy_stack):
        with pytest.raises(Conflict, match="protected"):
            verb(subject=cast.subject("owner"), stack=stack)
    update_stack(subject=cast.subject("owner"), stack=stack, is_protected=False)
    make_run(stack)
    with pytest.raises(Conflict, match="open"):
        delete_stack(subject=cast.subject("owner"), stack=stack)


def test_a_new_server_does_not_get_the_old_token(cast: Cast) -> None:
    stack = make_stack(cast.space, repository="https://github.com/a/b", repository_token="tok")
    kept = update_stack(subject=cast.subject("member"), stack=stack, repository="https://github.com/a/c")
    assert kept.repository_token == "tok"
    moved = update_stack(subject=cast.subject("member"), stack=stack, repository="https://gitlab.com/a/c")
    assert moved.repository_token == ""
