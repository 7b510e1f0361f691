"""Somebody asks for a role; whoever gives roles in the space answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts.subjects import person
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.models import AccessRequest, Role
from portal.spaces.requests import (
    grant_request,
    refuse_request,
    request_access,
    requests_for,
    waiting_for,
    withdraw_request,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def ask(cast: Cast, role: str = "admin", days: int | None = None) -> AccessRequest:
    found = Role.objects.get(slug=role)
    return request_access(subject=person(cast.member), space=cast.space, role=found, reason="On call.", days=days)


def test_it_waits_for_those_who_may_answer_and_for_nobody_else(cast: Cast) -> None:
    wanted = ask(cast)
    assert [list(waiting_for(cast.subject(name))) for name in ("owner", "operator")] == [[wanted], [wanted]]
    assert not any(waiting_for(cast.subject(name)).exists() for name in ("member", "stranger"))
    assert list(requests_for(cast.subject("member"))) == [wanted]
    assert not requests_for(cast.subject("stranger")).exists()


def test_it_gives_the_role_for_as_long_as_asked(cast: Cast) -> None:
    wanted = grant_request(subject=cast.subject("owner"), wanted=ask(cast, days=3))
    assert access.can(cast.subject("member"), "space:update", cast.space)
    assert wanted.binding is not None
    end = wanted.binding.expires_at
    assert end is not None
    assert timedelta(days=2) < end - timezone.now() <= timedelta(days=3)


def test_it_refuses_with_a_reason(cast: Cast) -> None:
    wanted = ask(cast)
    with pytest.raises(Invalid, match="Say why"):
        refuse_request(subject=cast.subject("owner"), wanted=wanted, answer=" ")
    refuse_request(subject=cast.subject("owner"), wanted=wanted, answer="Ask the shift lead.")
    assert not access.can(cast.subject("member"), "space:update", cast.space)
    with pytest.raises(Conflict, match="refused"):
        grant_request(subject=cast.subject("owner"), wanted=wanted)


def test_it_can_be_taken_back_by_whoever_asked(cast: Cast) -> None:
    wanted = ask(cast)
    with pytest.raises(NotFound):
        withdraw_request(subject=cast.subject("owner"), wanted=wanted)
    assert withdraw_request(subject=cast.subject("member"), wanted=wanted).state == "withdrawn"
    assert ask(cast).pk != wanted.pk


def test_it_is_not_answered_by_whoever_asked_nor_by_strangers(cast: Cast) -> None:
    wanted = ask(cast)
    for name, error in (("member", Forbidden), ("stranger", NotFound)):
        with pytest.raises(error):
            grant_request(subject=cast.subject(name), wanted=wanted)


def test_it_is_asked_once_with_a_reason_for_what_one_lacks(cast: Cast) -> None:
    ask(cast)
    with pytest.raises(Conflict, match="still to come"):
        ask(cast)
    with pytest.raises(Conflict, match="already"):
        ask(cast, "reader")
    with pytest.raises(Invalid):
        ask(cast, days=0)


def test_it_tells_nobody_of_a_space_that_they_do_not_see(cast: Cast) -> None:
    role = Role.objects.get(slug="reader")
    with pytest.raises(NotFound):
        request_access(subject=cast.subject("stranger"), space=cast.space, role=role, reason="Curious.")
