"""Attacks that go across all packages. Those on one package are held beside it:

- forms of other sites, open redirects, forged hosts, guessed names: ``tests/portal/accounts/test_attacks.py``
- state, nonce and code of OpenID Connect, one provider's answer at another: ``tests/portal/identity/test_openid.py``
- forged, repeated and foreign assertions of SAML: ``tests/portal/identity/test_saml.py``
- groups that are named like others: ``tests/portal/identity/test_groups.py``
- password spraying and guessing of tokens: ``tests/portal/limits/test_limits.py``
- tokens after their revocation, tokens that make tokens: ``tests/portal/accounts/test_tokens.py``
- moving a space to gain rights: ``tests/portal/spaces/test_moves.py``
- a role for a stack that its giver may not give: ``tests/scaffolder/stacks/test_acting.py``
- forged tokens of CI systems and issuers that lead astray: ``tests/portal/workloads/test_attacks.py``
- an annotation that names another space: ``tests/catalog/ingestion/test_manage_locations.py``
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from portal.accounts.models import ApiToken, User
from portal.spaces.models import Binding
from tests.conftest import Cast
from tests.contracts.matrix import PEOPLE, Row, Stage
from tests.contracts.test_permission_matrix import rows
from tests.factories.portal import make_space, make_token

pytestmark = pytest.mark.django_db
FORGED = uuid.UUID("00000000-0000-4000-8000-00000000f00d")


def api_rows(person: str, *, refused: bool) -> list[tuple[Row, str]]:
    """(row, method) of the API that a person is refused with 404, or that succeed for them by writing."""
    column = PEOPLE.index(person)
    found = []
    for row in rows():
        for method, statuses in row.expected.items():
            status = int(statuses.split()[column])
            is_writing = method in ("POST", "PUT", "PATCH")
            if row.name.startswith(("api-", "catalog-", "scaffolder-wire")) and (
                status == 404 if refused else is_writing and status < 300
            ):
                found.append((row, method))
    return found


def named(pair: Any) -> str:
    return f"{pair[0].name} {pair[1]}" if isinstance(pair, tuple) else str(pair)


def ask(method: str, address: str, token: str, body: dict[str, Any]) -> Any:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    if method in ("GET", "DELETE"):
        return client.generic(method, address)
    return client.generic(method, address, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize("pair", api_rows("owner", refused=False), ids=named)
def test_fields_that_nobody_asked_for_change_nothing(pair: tuple[Row, str], cast: Cast) -> None:
    row, method = pair
    stage = Stage(cast)
    address = reverse(row.name, kwargs=dict(row.parts(stage))) + row.query
    forged = {
        "id": 1, "pk": 1, "uid": str(FORGED), "is_staff": True, "is_superuser": True, "is_active": False,
        "owner": "operator", "owner_id": cast.operator.pk, "created_by": "operator", "user": cast.operator.pk,
        "user_id": cast.operator.pk, "actor": "operator", "space_id": cast.sibling.pk, "parent_id": cast.sibling.pk,
        "permissions": ["binding:manage"], "digest": "x", "is_system": True, "workload": 1, "revoked_at": None,
        "created_at": "2001-01-01T00:00:00Z",
    }  # fmt: skip
    asked = dict(row.body(stage))
    before = in_the_sibling(cast)
    tokens = ApiToken.objects.filter(owner=cast.operator).count()
    rights = set(Binding.objects.filter(user=cast.operator).values_list("pk", flat=True))
    answer = ask(method, address, make_token(cast.owner), {**forged, **asked})
    assert answer.status_code < 500
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(username__in=["owner", "operator", "member"], is_active=False).exists()
    assert ApiToken.objects.filter(owner=cast.operator).count() == tokens
    assert set(Binding.objects.filter(user=cast.operator).values_list("pk", flat=True)) == rights
    assert in_the_sibling(cast) == before
    for model in apps.get_models():
        if any(field.name == "uid" for field in model._meta.fields):
            assert not model._default_manager.filter(uid=FORGED).exists()


def in_the_sibling(cast: Cast) -> dict[str, int]:
    """How many rows of each model lie in the space next door."""
    found = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.fields}
        if "space" in names:
            found[model._meta.label] = model._default_manager.filter(space=cast.sibling).count()
    return found


@pytest.mark.parametrize(
    "pair", [pair for pair in api_rows("stranger", refused=True) if pair[0].parts.__name__ != "nothing"], ids=named
)
def test_what_one_may_not_see_answers_as_what_does_not_exist(pair: tuple[Row, str], cast: Cast) -> None:
    row, method = pair
    stage = Stage(cast)
    parts = dict(row.parts(stage))
    missing = {name: unlike(value) for name, value in parts.items()}
    if not parts:
        pytest.skip("what it is about stands in the query; the tests of sharing and explaining hold it")
    token, body = make_token(cast.stranger), dict(row.body(stage))
    seen = ask(method, reverse(row.name, kwargs=parts) + row.query, token, body)
    absent = ask(method, reverse(row.name, kwargs=missing) + row.query, token, body)
    assert seen.status_code == absent.status_code == 404
    assert without(seen, parts) == without(absent, missing)


def unlike(value: Any) -> Any:
    """Another value of the same shape, which nothing has."""
    if isinstance(value, uuid.UUID):
        return FORGED
    if isinstance(value, int):
        return 2_000_000_000
    return str(FORGED) if re.fullmatch(r"[0-9a-f-]{36}", str(value)) else f"no-such-{'x' * 8}"


def without(answer: Any, parts: dict[str, Any]) -> str:
    """The body with the address and its parts taken out."""
    text = answer.content.decode().replace(answer.wsgi_request.get_full_path(), "…")
    # Short ones stand in other words as well, and are part of the address anyway.
    for value in sorted((str(part) for part in parts.values() if len(str(part)) > 2), key=len, reverse=True):
        text = text.replace(value, "…")
    return text


def test_a_session_that_somebody_planted_is_not_the_one_after_the_sign_in(cast: Cast) -> None:
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post("/accounts/login/", {"login": "owner", "password": "password"})
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/spaces/").status_code == 302


def test_a_space_is_not_moved_to_where_one_has_more(cast: Cast) -> None:
    inner = make_space("inner", cast.sibling)
    token = make_token(cast.owner)
    for body in ({"parent": "stage"}, {"parent": "stage", "slug": "inner"}, {"parent_id": cast.space.pk}):
        answer = ask("PATCH", f"/api/v1/spaces/{inner.slug}/", token, body)
        assert answer.status_code == 404
    inner.refresh_from_db()
    assert inner.parent == cast.sibling


def test_a_template_acts_with_the_rights_of_whoever_starts_it(cast: Cast) -> None:
    body = {"templateRef": "template:default/none", "values": {}, "space": "wings"}
    answer = ask("POST", "/api/scaffolder/v2/tasks", make_token(cast.owner), body)
    assert answer.status_code == 404
    assert "wings" not in answer.json()["error"]["message"] or "no such" in answer.json()["error"]["message"].lower()
