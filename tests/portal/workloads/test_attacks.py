"""Tokens that somebody made up, bent or brought from elsewhere, and issuers that lead astray."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from joserfc.jwk import OctKey, RSAKey
from pytest_django import Settings

from portal.accounts.models import ApiToken
from portal.audit.models import AuditEvent
from portal.workloads.models import Trust
from tests.conftest import Cast
from tests.factories.workloads import AUDIENCE, make_trust
from tests.portal.workloads.conftest import EC, KEY, OTHER, Issuer, exchange, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def trust(issuer: Issuer, cast: Cast) -> Trust:
    """A trust of the issuer."""
    return make_trust(cast.space, "deploy", issuer=issuer.url, subject_pattern="repo:acme/shop:ref:refs/heads/*")


def refused(token: str, trust: Trust, error: str = "invalid_grant") -> str:
    """The words of the refusal, which must be one whether the trust is named or found."""
    answer = exchange(token, trust)
    assert (answer.status_code, answer.json()["error"]) == (503 if error.startswith("temp") else 400, error)
    assert exchange(token).status_code in (400, 503)
    assert not ApiToken.objects.exists()
    words: str = answer.json()["error_description"]
    assert trust.subject_pattern not in words
    return words


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES256K", "ES512", "", None, 7, ["RS256"], {}])
def test_other_algorithms_are_refused(issuer: Issuer, trust: Trust, algorithm: Any) -> None:
    token = f"{part({'alg': algorithm, 'kid': 'one'})}.{part(issuer.claims())}.{'' if algorithm == 'none' else 'AAAA'}"
    refused(token, trust)
    assert issuer.asked == []


def test_the_public_key_is_no_shared_secret(issuer: Issuer, trust: Trust) -> None:
    for secret in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        said = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(issuer.claims())}"
        seal = base64.urlsafe_b64encode(hmac.digest(secret, said.encode(), "sha256")).decode().rstrip("=")
        refused(f"{said}.{seal}", trust)


def test_a_symmetric_key_among_the_issuer_s_is_not_used(issuer: Issuer, trust: Trust) -> None:
    secret = OctKey.import_key("a secret that is long enough for HS256", {"kid": "oct"})
    issuer.keys.append(secret.as_dict())
    refused(signed(issuer.claims(), secret, {"alg": "HS256", "kid": "oct"}), trust)
    refused(issuer.token(header={"kid": "oct"}), trust)


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": OTHER.as_dict(private=False)}, {"jku": "http://127.0.0.1:9/jwks"}, {"x5u": "http://127.0.0.1:9/x"},
        {},
    ],
)  # fmt: skip
def test_keys_that_the_token_brings_along_are_not_used(issuer: Issuer, trust: Trust, header: dict[str, Any]) -> None:
    assert "signature" in refused(issuer.token(key=OTHER, header=header), trust)


@pytest.mark.parametrize("kid", ["ec", "two", "", None, 1])
def test_the_named_key_and_no_other_is_used(issuer: Issuer, trust: Trust, kid: Any) -> None:
    claims = issuer.claims()
    good = signed(claims).split(".")
    refused(".".join([part({"alg": "RS256", "kid": kid}), *good[1:]]), trust)


def test_a_key_is_used_for_its_own_algorithm_and_purpose_only(issuer: Issuer, trust: Trust) -> None:
    for changed in (
        {"alg": "PS256"}, {"use": "enc"}, {"key_ops": ["encrypt"]}, {"kty": "EC"}, {"n": None}, {"n": "AQAB"}, {"n": 7},
    ):  # fmt: skip
        cache.clear()
        issuer.keys = [{**KEY.as_dict(private=False), **changed}]
        refused(issuer.token(), trust)


def test_short_keys_are_not_used(issuer: Issuer, trust: Trust) -> None:
    with pytest.warns(match="2048"):
        short = RSAKey.generate_key(1024, {"kid": "short"})
    issuer.keys.append(short.as_dict(private=False))
    refused(issuer.token(key=short, header={"kid": "short"}), trust)


def test_two_keys_of_one_name_are_none(issuer: Issuer, trust: Trust) -> None:
    issuer.keys.append(OTHER.as_dict(private=False))
    refused(issuer.token(key=OTHER), trust)


def test_what_was_signed_counts(issuer: Issuer, trust: Trust) -> None:
    head, _, signature = issuer.token(sub="repo:evil/shop:x").split(".")
    assert "signature" in refused(f"{head}.{part(issuer.claims())}.{signature}", trust)


def test_unknown_extensions_are_not_overlooked(issuer: Issuer, trust: Trust) -> None:
    claims = issuer.claims()
    good = signed(claims).split(".")
    refused(".".join([part({"alg": "RS256", "kid": "one", "crit": ["b64"], "b64": False}), *good[1:]]), trust)


@pytest.mark.parametrize(
    "audience",
    [
        "https://other.example.com", [AUDIENCE, "https://other.example.com"], [], None, f"{AUDIENCE}/", 7, {"a": 1},
        [[AUDIENCE]], AUDIENCE.upper(),
    ],
)  # fmt: skip
def test_tokens_for_others_are_refused(issuer: Issuer, trust: Trust, audience: Any) -> None:
    assert "audience" in refused(issuer.token(aud=audience), trust)


def test_a_list_of_nothing_but_the_audience_is_good(issuer: Issuer, trust: Trust) -> None:
    assert exchange(issuer.token(aud=[AUDIENCE]), trust).status_code == 200


@pytest.mark.parametrize("ending", [".evil.example.com", "/", "/path", "?", "@evil.example.com", "0"])
def test_issuers_that_begin_alike_are_others(issuer: Issuer, trust: Trust, ending: str) -> None:
    assert "another issuer" in refused(issuer.token(iss=issuer.url + ending), trust)
    assert issuer.asked == []


def test_another_issuer_s_token_is_not_one_of_this(
    issuer: Issuer, trust: Trust, make_issuer: Callable[[], Issuer]
) -> None:
    other = make_issuer()
    refused(other.token(), trust)
    assert (issuer.asked, other.asked) == ([], [])
    other.keys = [OTHER.as_dict(private=False)]
    refused(other.token(iss=issuer.url, key=OTHER), trust)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"exp": -1}, "expired"), ({"exp": None}, "no end"), ({"exp": 24 * 3600 + 60}, "24 hours"),
        ({"nbf": 90}, "not good yet"), ({"iat": 90}, "not good yet"),
    ],
)  # fmt: skip
def test_it_is_not_the_time(issuer: Issuer, trust: Trust, times: dict[str, Any], words: str) -> None:
    now = int(time.time())
    changed: dict[str, Any] = {name: None if ahead is None else now + ahead for name, ahead in times.items()}
    assert words in refused(issuer.token(**changed), trust)


@pytest.mark.parametrize("end", ["9999999999", True, [], {}, float("inf"), float("nan"), 10**400, -(10**400)])
def test_odd_times_are_refused(issuer: Issuer, trust: Trust, end: Any) -> None:
    refused(issuer.token(exp=end), trust)


def test_clocks_may_be_off_by_a_minute(issuer: Issuer, trust: Trust) -> None:
    assert exchange(issuer.token(nbf=time.time() + 50, iat=time.time() + 50), trust).status_code == 200


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/shop:ref:refs/heads", "repo:acme/shopx:ref:refs/heads/main", "xrepo:acme/shop:ref:refs/heads/main",
        "repo:evil/x\nrepo:acme/shop:ref:refs/heads/main", "repo:acme/shop:ref:refs/heads/main\n",
        "repo:acme/shop:ref:refs/heads/\x00", "repo:acme/shop:ref:refs/heads/a\u2028b",
        "Repo:acme/shop:ref:refs/heads/x",
        "repo:acme/shop:pull_request", " repo:acme/shop:ref:refs/heads/main", "", None, 7, ["repo:acme/shop"],
        "repo:acme/shop:ref:refs/heads/" + "x" * 2000, "repo:acme%2Fshop:ref:refs/heads/main",
    ],
)  # fmt: skip
def test_subjects_that_only_look_alike_are_refused(issuer: Issuer, trust: Trust, subject: Any) -> None:
    assert "subject" in refused(issuer.token(sub=subject), trust)


def test_unknown_keys_are_asked_for_once_a_minute(issuer: Issuer, trust: Trust) -> None:
    assert exchange(issuer.token(), trust).status_code == 200
    assert len(issuer.asked) == 2
    for number in range(5):
        assert exchange(issuer.token(header={"kid": f"made-up-{number}"}), trust).status_code == 400
    assert len(issuer.asked) == 2


def test_a_new_key_is_found_once_the_minute_is_over(issuer: Issuer, trust: Trust) -> None:
    assert exchange(issuer.token(), trust).status_code == 200
    issuer.keys.append(RSAKey.import_key(OTHER.as_dict(), {"kid": "new"}).as_dict(private=False))
    new = issuer.token(key=OTHER, header={"kid": "new"})
    assert exchange(new, trust).status_code == 400
    # What a minute does, as the cache counts it.
    cache.delete(f"workloads.keys.{hashlib.sha256(issuer.url.encode()).hexdigest()}.asked")
    assert exchange(new, trust).status_code == 200
    assert len(issuer.asked) == 4


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example.com"}, {"issuer": None}, {"jwks_uri": None}, {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://example.com/jwks"}, {"jwks_uri": "https://127.0.0.1:9/jwks"},
        {"jwks_uri": "https://169.254.169.254/latest"}, {"jwks_uri": "https://a@example.com/"}, {"jwks_uri": "//x"},
        {"jwks_uri": "https://[::1"}, {"jwks_uri": "https://localhost/jwks"},
    ],
)  # fmt: skip
def test_a_document_that_leads_astray_is_not_followed(issuer: Issuer, trust: Trust, document: dict[str, Any]) -> None:
    issuer.document = document
    words = refused(issuer.token(), trust, "temporarily_unavailable")
    assert words == "The keys of the issuer can not be read now. Try again in a while."
    assert issuer.asked == ["/.well-known/openid-configuration"]


def test_an_issuer_that_sends_elsewhere_is_not_followed(
    issuer: Issuer, trust: Trust, make_issuer: Callable[[], Issuer]
) -> None:
    other = make_issuer()
    other.url, issuer.redirect = issuer.url, other.url
    refused(issuer.token(), trust, "temporarily_unavailable")
    assert other.asked == []


def test_a_failing_issuer_is_asked_rarely(issuer: Issuer, trust: Trust) -> None:
    issuer.document = {"issuer": "x"}
    for _ in range(3):
        refused(issuer.token(), trust, "temporarily_unavailable")
    assert len(issuer.asked) == 1
    assert (
        "names another issuer" in AuditEvent.objects.filter(object_id=str(trust.uid)).latest("pk").arguments["reason"]
    )


@pytest.mark.parametrize("keys", [None, {}, [], [1, "x"], [{"kid": 1}]])
def test_odd_lists_of_keys_are_no_reason_to_fall_over(issuer: Issuer, trust: Trust, keys: Any) -> None:
    issuer.keys = keys
    assert exchange(issuer.token(), trust).status_code in (400, 503)


def test_a_private_address_is_refused_unless_operators_allow_it(
    issuer: Issuer, trust: Trust, settings: Settings
) -> None:
    settings.WORKLOAD_ALLOW_PRIVATE = []
    refused(issuer.token(), trust, "temporarily_unavailable")
    Trust.objects.filter(pk=trust.pk).update(issuer=issuer.url.replace("http:", "https:"))
    trust.refresh_from_db()
    cache.clear()
    refused(issuer.token(iss=trust.issuer), trust, "temporarily_unavailable")
    assert "inside the network" in AuditEvent.objects.filter(object_id=str(trust.uid)).latest("pk").arguments["reason"]
    assert issuer.asked == []


def test_a_trust_that_is_off_answers_as_one_that_is_not_there(issuer: Issuer, trust: Trust) -> None:
    Trust.objects.filter(pk=trust.pk).update(is_enabled=False)
    off = exchange(issuer.token(), trust)
    assert AuditEvent.objects.latest("pk").arguments["reason"] == "The trust is off."
    trust.uid = "00000000-0000-4000-8000-000000000000"
    assert exchange(issuer.token(), trust).content == off.content
    assert issuer.asked == []


def test_a_huge_token_is_not_even_read(issuer: Issuer, trust: Trust) -> None:
    refused(issuer.token(padding="x" * 20_000), trust, "invalid_request")
    refused("." * 2, trust, "invalid_request")
    refused(f"{part([[]])[:-2] + '[' * 9000}.e30.x", trust, "invalid_request")


def test_it_signs_nothing_with_the_wrong_curve(issuer: Issuer, trust: Trust) -> None:
    _, payload, signature = issuer.token(key=EC, header={"alg": "ES256", "kid": "ec"}).split(".")
    refused(f"{part({'alg': 'ES384', 'kid': 'ec'})}.{payload}.{signature}", trust)
