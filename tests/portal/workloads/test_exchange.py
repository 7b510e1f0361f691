"""The exchange: a job's own token against an API token with the roles of its trust."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.models import ApiToken
from portal.accounts.subjects import person
from portal.audit.models import AuditEvent
from portal.workloads import services
from portal.workloads.cleaning import remove_old_tokens
from portal.workloads.models import Trust
from portal.workloads.tasks import remove_old_tokens_task
from portal.workloads.token_api import GRANT
from tests.conftest import Cast
from tests.factories.workloads import make_trust
from tests.portal.workloads.conftest import EC, ED, Issuer, exchange, give, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def trust(issuer: Issuer, cast: Cast) -> Trust:
    """A trust whose jobs read the space of the cast."""
    made = make_trust(cast.space, "deploy", issuer=issuer.url)
    give(made, "reader", cast.space)
    return made


def test_a_job_gets_the_role_of_its_trust_and_nothing_else(issuer: Issuer, trust: Trust) -> None:
    answer = exchange(issuer.token(), trust)
    assert answer.status_code == 200
    found = answer.json()
    assert {name: found[name] for name in found if name != "access_token"} == {
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "token_type": "Bearer",
        "expires_in": 3600, "scope": "",
    }  # fmt: skip
    assert answer["Cache-Control"] == "no-store"
    assert (status(found["access_token"], "stage"), status(found["access_token"], "wings")) == (200, 404)
    trust.refresh_from_db()
    assert trust.last_used_at is not None


def test_it_takes_json_too_and_finds_the_trust_by_itself(issuer: Issuer, trust: Trust) -> None:
    asked = {
        "grant_type": GRANT, "subject_token": issuer.token(),
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
    }  # fmt: skip
    answer = Client().post("/api/v1/workload-tokens", json.dumps(asked), "application/json")
    assert status(answer.json()["access_token"], "stage") == 200


@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES256"), (ED, "EdDSA")])
def test_it_takes_other_kinds_of_keys(issuer: Issuer, trust: Trust, key: Any, algorithm: str) -> None:
    token = issuer.token(key=key, header={"alg": algorithm, "kid": key.kid})
    assert exchange(token, trust).status_code == 200


def test_each_exchange_leaves_one_row_that_says_whose_job_it_was(issuer: Issuer, trust: Trust) -> None:
    before = AuditEvent.objects.count()
    exchange(issuer.token(), trust)
    assert AuditEvent.objects.count() == before + 1
    row = AuditEvent.objects.latest("pk")
    assert (row.action, row.space, row.actor_label) == ("token.create", trust.space, "ci:deploy")
    assert row.arguments["sub"] == "repo:acme/shop:ref:refs/heads/main"
    assert (row.arguments["trust"], row.address) == (str(trust.uid), "127.0.0.1")


def test_each_refusal_of_a_known_trust_leaves_one_row(issuer: Issuer, trust: Trust) -> None:
    before = AuditEvent.objects.count()
    assert exchange(issuer.token(sub="repo:evil/shop:x"), trust).status_code == 400
    assert AuditEvent.objects.count() == before + 1
    row = AuditEvent.objects.latest("pk")
    assert (row.action, row.object_id, row.space) == ("workload_trust.refuse", str(trust.uid), trust.space)
    assert row.arguments["said"]["sub"] == "repo:evil/shop:x"
    assert "repo:evil/shop:x" in row.arguments["reason"]


def test_the_token_ends_after_the_minutes_of_the_trust(issuer: Issuer, trust: Trust) -> None:
    Trust.objects.filter(pk=trust.pk).update(token_minutes=5)
    answer = exchange(issuer.token(), trust).json()
    assert answer["expires_in"] == 300
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert status(answer["access_token"], "stage") == 401


def test_roles_that_are_taken_away_end_at_once(issuer: Issuer, trust: Trust) -> None:
    plain = exchange(issuer.token(), trust).json()["access_token"]
    trust.workload.bindings.all().delete()
    assert status(plain, "stage") == 404


@pytest.mark.parametrize("end", ["off", "delete", "other subject", "other audience"])
def test_tokens_end_with_what_they_were_given_for(issuer: Issuer, trust: Trust, cast: Cast, end: str) -> None:
    subject, presented = person(cast.owner), issuer.token()
    plain = exchange(presented, trust).json()["access_token"]
    changes: dict[str, dict[str, Any]] = {
        "off": {"is_enabled": False}, "other subject": {"subject_pattern": "repo:acme/other:*"},
        "other audience": {"audience": "https://other.example.com"},
    }  # fmt: skip
    if end == "delete":
        services.delete_trust(subject=subject, trust=services.get_trust_for(subject, trust.uid))
    else:
        services.update_trust(subject=subject, trust=trust, **changes[end])
    assert status(plain, "stage") == 401
    again = exchange(presented, trust)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    if end == "off":
        services.update_trust(subject=subject, trust=trust, is_enabled=True)
        assert status(plain, "stage") == 401
        assert exchange(presented, trust).status_code == 200


def test_an_unimportant_change_lets_tokens_live(issuer: Issuer, trust: Trust, cast: Cast) -> None:
    plain = exchange(issuer.token(), trust).json()["access_token"]
    services.update_trust(subject=person(cast.owner), trust=trust, name="ship", token_minutes=10)
    assert status(plain, "stage") == 200
    trust.workload.refresh_from_db()
    assert trust.workload.name == "ship"


def test_a_trust_that_changes_while_its_issuer_is_asked_gives_nothing(
    issuer: Issuer, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.workloads import exchange as module

    def meanwhile(*arguments: object) -> None:
        Trust.objects.filter(pk=trust.pk).update(is_enabled=False)

    monkeypatch.setattr(module, "check_claims", meanwhile)
    assert exchange(issuer.token(), trust).json()["error"] == "invalid_grant"
    assert not ApiToken.objects.exists()


def test_of_several_trusts_one_must_be_meant(issuer: Issuer, trust: Trust, cast: Cast) -> None:
    other = make_trust(cast.sibling, "other", issuer=issuer.url, subject_pattern="repo:acme/other:*")
    give(other, "reader", cast.sibling)
    plain = exchange(issuer.token(sub="repo:acme/other:main")).json()["access_token"]
    assert (status(plain, "stage"), status(plain, "wings")) == (404, 200)
    before = AuditEvent.objects.count()
    none = exchange(issuer.token(sub="repo:acme/third:main"))
    assert (none.status_code, none.json()["error"]) == (400, "invalid_grant")
    assert "other" not in none.json()["error_description"]
    assert AuditEvent.objects.count() == before
    make_trust(cast.sibling, "both", issuer=issuer.url, subject_pattern="repo:acme/*")
    both = exchange(issuer.token())
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    assert exchange(issuer.token(), trust).status_code == 200


@pytest.mark.parametrize(
    ("claims", "status_code"),
    [
        ({"repository_owner": "acme"}, 200), ({"repository_owner": "ac*"}, 200), ({"run_attempt": "1"}, 200),
        ({"ref_protected": "true"}, 200), ({"repository_owner": "acm"}, 400), ({"environment": "*"}, 400),
        ({"repository_owner": "acme", "run_attempt": "2"}, 400), ({"groups": "*"}, 400),
    ],
)  # fmt: skip
def test_all_further_claims_must_fit(issuer: Issuer, trust: Trust, claims: dict[str, str], status_code: int) -> None:
    Trust.objects.filter(pk=trust.pk).update(claims=claims)
    assert exchange(issuer.token(groups=["a"]), trust).status_code == status_code


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"subject_token": "a.b.c"}, "invalid_request"),
        ({"subject_token": "W10.W10.x"}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"trust": "none"}, "invalid_request"),
        ({"trust": "00000000-0000-4000-8000-000000000000"}, "invalid_grant"),
    ],
)
def test_it_says_what_is_wrong_with_a_request(issuer: Issuer, changed: dict[str, str], error: str) -> None:
    answer = exchange(issuer.token(), changed=changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"].isascii()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "application/json"), ("[]", "application/json"), ('{"grant_type": 1}', "application/json"),
        ("grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
    ],
)  # fmt: skip
def test_it_refuses_odd_bodies_in_the_words_of_oauth(db: None, body: str, kind: str) -> None:
    answer = Client().post("/api/v1/workload-tokens/", body, kind)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert Client().post("/api/v1/workload-tokens/", "x", "text/plain").status_code == 415


def test_failures_are_counted_and_good_exchanges_are_not(issuer: Issuer, trust: Trust, settings: Settings) -> None:
    settings.LIMITS = settings.LIMITS | {"token": (2, 60)}
    for _ in range(3):
        assert exchange(issuer.token(), trust).status_code == 200
    answers = [exchange("x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert answers[-1].json()["error"] == "slow_down"
    assert int(answers[-1]["Retry-After"]) > 0


def test_sessions_and_tokens_that_come_along_mean_nothing(
    issuer: Issuer, trust: Trust, as_client: Callable[..., Client], cast: Cast
) -> None:
    client = as_client(cast.operator)
    assert client.post("/api/v1/workload-tokens/", {}, "application/json").status_code == 400
    assert Client(headers={"Authorization": "Bearer cbp_none"}).post("/api/v1/workload-tokens/").status_code != 401


def test_tokens_of_jobs_go_a_day_after_their_end(issuer: Issuer, trust: Trust, cast: Cast) -> None:
    plain = exchange(issuer.token(), trust).json()["access_token"]
    ApiToken.objects.create(owner=cast.owner, name="own", digest="x", expires_at=timezone.now() - timedelta(days=9))
    for hours, left in ((0, 2), (24, 2), (26, 1)):
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
            remove_old_tokens()
        assert ApiToken.objects.count() == left
    assert plain
    remove_old_tokens_task()
    assert ApiToken.objects.get().owner == cast.owner
