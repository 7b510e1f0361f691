"""API tokens: the page and ``/api/v1/tokens``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import ApiToken, User, hash_token
from portal.audit.models import AuditEvent
from tests.conftest import Cast
from tests.factories.portal import make_token

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def bearer(plain: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {plain}"}


def test_it_shows_a_new_token_once(as_client: SignIn, cast: Cast) -> None:
    client = as_client(cast.member)
    response = client.post("/tokens/", {"name": "ci", "lifetime": "30"})
    plain = re.findall(r"cbp_[\w-]{40,}", response.content.decode())[0]
    token = ApiToken.objects.get(digest=hash_token(plain))
    assert token.owner == cast.member
    assert token.expires_at is not None
    assert "no-store" in response["Cache-Control"]
    assert plain not in client.get("/tokens/").content.decode()
    assert plain not in str(list(AuditEvent.objects.values()))


def test_it_binds_a_token_to_a_role_in_a_space(as_client: SignIn, cast: Cast) -> None:
    as_client(cast.member).post("/tokens/", {"name": "ci", "lifetime": "", "role": "reader", "space": "stage"})
    token = ApiToken.objects.get()
    assert token.is_scoped
    assert token.expires_at is None
    assert str(token.bindings.get().role) == "Reader"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x", "role": "reader"}, "both a role and a space"),
        ({"name": "x", "role": "reader", "space": "wings"}, "not one of the available choices"),
        ({"name": "x", "lifetime": "9999"}, "not one of the available choices"),
    ],
)
def test_it_says_what_is_wrong_with_a_token(as_client: SignIn, cast: Cast, form: dict[str, str], words: str) -> None:
    response = as_client(cast.member).post("/tokens/", form)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ApiToken.objects.exists()


def test_it_revokes_own_tokens_only(as_client: SignIn, cast: Cast) -> None:
    make_token(cast.member)
    token = ApiToken.objects.get()
    assert as_client(cast.stranger).post(f"/tokens/{token.uid}/revoke/").status_code == 404
    as_client(cast.member).post(f"/tokens/{token.uid}/revoke/")
    token.refresh_from_db()
    assert not token.is_active


def test_it_refuses_revoked_and_expired_tokens(client: Client, cast: Cast) -> None:
    plain = make_token(cast.member)
    assert client.get("/api/v1/users/me/", headers=bearer(plain)).status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = client.get("/api/v1/users/me/", headers=bearer(plain))
    assert response.status_code == 401
    assert "expired" in response.json()["detail"]


def test_it_makes_lists_and_revokes_tokens_by_api(client: Client, cast: Cast) -> None:
    plain = make_token(cast.member)
    made = client.post("/api/v1/tokens/", {"name": "ci"}, "application/json", headers=bearer(plain))
    assert made.status_code == 201
    uid = made.json()["uid"]
    listed = client.get("/api/v1/tokens/", headers=bearer(plain)).json()["results"]
    assert [row["name"] for row in listed] == ["ci", "test"]
    assert all("token" not in row and "digest" not in row for row in listed)
    assert client.delete(f"/api/v1/tokens/{uid}/", headers=bearer(plain)).status_code == 204
    assert client.get("/api/v1/users/me/", headers=bearer(made.json()["token"])).status_code == 401


def test_it_never_lets_a_bound_token_make_or_revoke_tokens(client: Client, cast: Cast) -> None:
    free = make_token(cast.owner)
    bound = make_token(cast.owner, "reader", cast.space)
    response = client.post("/api/v1/tokens/", {"name": "more"}, "application/json", headers=bearer(bound))
    assert response.status_code == 403
    uid = ApiToken.objects.get(digest=hash_token(free)).uid
    assert client.delete(f"/api/v1/tokens/{uid}/", headers=bearer(bound)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [{"name": "x", "role": "reader"}, {"name": "x", "role": "nope", "space": "stage"},
     {"name": "x", "expires_at": "2001-01-01T00:00:00Z"},
     {"name": "x", "role": "reader", "space": "wings"}, {}],
)  # fmt: skip
def test_it_answers_wrong_tokens_with_a_problem(client: Client, cast: Cast, body: dict[str, str]) -> None:
    response = client.post("/api/v1/tokens/", body, "application/json", headers=bearer(make_token(cast.member)))
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_it_says_who_the_caller_is(client: Client, cast: Cast) -> None:
    plain = make_token(cast.owner, "reader", cast.space)
    me = client.get("/api/v1/users/me/", headers=bearer(plain)).json()
    assert (me["user"]["username"], me["token"], me["roles"]) == ("owner", "test", ["reader@stage"])
