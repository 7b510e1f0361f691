"""Limits: counted for all processes at once, with words and a time to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.limits import counting
from portal.limits.counting import give_back, take
from portal.limits.errors import TooManyRequests
from portal.limits.models import Bucket
from tests.conftest import Cast
from tests.factories.portal import make_token, make_user

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def tight(settings: Settings) -> None:
    """Limits that a test reaches."""
    settings.LIMITS = settings.LIMITS | {
        "sign_in_address": (5, 600), "sign_in_account": (3, 600), "second_factor": (3, 600), "mail": (2, 3600),
        "token": (3, 60), "search": (2, 60), "schema": (1, 60),
    }  # fmt: skip


def sign_in(login: str, password: str, address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post("/accounts/login/", {"login": login, "password": password})


def test_it_lets_so_many_through_and_says_when_to_come_back(tight: None) -> None:
    for _ in range(3):
        take("token", "192.0.2.1")
    with pytest.raises(TooManyRequests) as refused:
        take("token", "192.0.2.1")
    assert 1 <= refused.value.data["retry_after"] <= 20
    take("token", "192.0.2.2")


def test_it_gives_good_tries_back(tight: None) -> None:
    for _ in range(10):
        take("token", "192.0.2.1")
        give_back("token", "192.0.2.1")


def test_it_keeps_nothing_in_plain(tight: None) -> None:
    take("token", "192.0.2.1")
    assert "192" not in Bucket.objects.get().key


def test_it_counts_nothing_where_operators_switched_it_off(settings: Settings) -> None:
    settings.LIMITS = settings.LIMITS | {"token": (0, 60)}
    for _ in range(5):
        take("token", "192.0.2.1")
    assert not Bucket.objects.exists()


def test_it_locks_nobody_out_where_counting_fails_and_logs_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(counting, "_TAKE", "SELECT 1 FROM no_such_table WHERE %(key)s = '' AND %(step)s = %(seconds)s")
    take("token", "192.0.2.1")
    assert "can not be counted" in caplog.text
    assert Bucket.objects.count() == 0


def test_it_stops_one_password_for_many_accounts(tight: None) -> None:
    for name in "abcdefg":
        make_user(f"person-{name}")
    answers = [sign_in(f"person-{name}", "Summer-2026!") for name in "abcdefg"]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Too many tries" in answers[-1].content.decode()
    assert sign_in("person-a", "password").status_code == 429
    assert sign_in("person-a", "password", "198.51.100.9").status_code == 302


def test_it_stops_many_addresses_that_try_one_account(tight: None) -> None:
    make_user("ada")
    statuses = [sign_in("ada", f"guess-{number}", f"192.0.2.{number}").status_code for number in range(1, 6)]
    assert statuses == [200, 200, 200, 429, 429]
    assert sign_in("ADA ", "password", "198.51.100.1").status_code == 429


def test_it_counts_names_that_nobody_has_just_so(tight: None) -> None:
    statuses = [sign_in("nobody", "guess", f"192.0.2.{number}").status_code for number in range(1, 6)]
    assert statuses == [200, 200, 200, 429, 429]


def test_it_never_counts_people_who_get_in(tight: None) -> None:
    make_user("ada")
    assert [sign_in("ada", "password").status_code for _ in range(12)] == [302] * 12


def test_it_believes_no_forwarded_address_from_strangers(tight: None) -> None:
    def spoofed(number: int) -> int:
        client = Client(REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": f"203.0.113.{number}"})
        return client.post("/accounts/login/", {"login": f"n{number}", "password": "x"}).status_code

    assert [spoofed(number) for number in range(7)] == [200] * 5 + [429] * 2


def test_it_stops_guessing_of_tokens(tight: None, client: Client, cast: Cast) -> None:
    wrong = {"Authorization": "Bearer cbp_made-up"}
    statuses = [client.get("/api/v1/tokens", headers=wrong).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    refused = client.get("/api/catalog/entities", headers=wrong)
    assert refused.status_code == 429
    assert refused.json()["error"]["message"].startswith("Too many tries")
    assert int(refused["Retry-After"]) > 0
    good = {"Authorization": f"Bearer {make_token(cast.member)}"}
    assert client.get("/api/v1/tokens", headers=good).status_code == 200


def test_it_limits_addresses_that_cost_much(tight: None, as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    assert [client.get("/search/?q=x").status_code for _ in range(3)] == [200, 200, 429]
    client.get("/api/schema/")
    refused = client.get("/api/schema/")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:callboard:problem:too_many_requests"
    assert int(refused["Retry-After"]) > 0
