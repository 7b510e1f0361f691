"""Paging through a growing list."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from portal.accounts.models import User
from portal.ui.keyset import KeysetPage, keyset_page
from tests.factories.portal import make_user

pytestmark = pytest.mark.django_db


def page(query: str = "") -> KeysetPage[User]:
    return keyset_page(RequestFactory().get(f"/{query}"), User.objects.all(), size=2)


def test_it_walks_to_the_oldest_and_back() -> None:
    people = [make_user(name) for name in ("a", "b", "c")]
    first = page("?q=x")
    assert first.rows == [people[2], people[1]]
    assert first.newer == ""
    assert first.older == f"?q=x&before={people[1].pk}"
    second = page(first.older)
    assert (second.rows, second.older) == ([people[0]], "")
    back = page(second.newer)
    assert back.rows == first.rows


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?after=99999999999999999999", "?before=%00"])
def test_it_ignores_keys_that_are_none(query: str) -> None:
    make_user("a")
    assert len(page(query).rows) == 1
