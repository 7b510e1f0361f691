"""The pages on which roles are asked for and answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.spaces import access
from portal.spaces.models import AccessRequest
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def asked(as_client: SignIn, cast: Cast) -> AccessRequest:
    as_client(cast.member).post("/spaces/stage/ask/", {"role": "admin", "reason": "On call.", "days": "2"})
    return AccessRequest.objects.get()


def test_it_asks_and_gets_the_role(as_client: SignIn, cast: Cast) -> None:
    wanted = asked(as_client, cast)
    client = as_client(cast.owner)
    assert "On call." in client.get("/spaces/-/requests/").content.decode()
    client.post(f"/spaces/-/requests/{wanted.uid}/", {"verb": "grant"})
    assert access.can(cast.subject("member"), "space:update", cast.space)


def test_it_needs_a_reason_to_ask_and_to_refuse(as_client: SignIn, cast: Cast) -> None:
    assert as_client(cast.member).post("/spaces/stage/ask/", {"role": "admin", "reason": ""}).status_code == 422
    wanted = asked(as_client, cast)
    answer = as_client(cast.owner).post(f"/spaces/-/requests/{wanted.uid}/", {"verb": "refuse"}, follow=True)
    assert "Say why" in answer.content.decode()
    wanted.refresh_from_db()
    assert wanted.state == "open"


def test_it_offers_to_ask_where_one_may_not_give_roles(as_client: SignIn, cast: Cast) -> None:
    assert "/spaces/stage/ask/" in as_client(cast.member).get("/spaces/stage/").content.decode()
    assert "/spaces/stage/ask/" not in as_client(cast.owner).get("/spaces/stage/").content.decode()
