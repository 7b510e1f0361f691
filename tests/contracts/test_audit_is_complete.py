"""Every address that changes something leaves an event: all writing rows of the matrix, tried by an admin."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import AuditEvent
from tests.conftest import Cast
from tests.contracts.matrix import Row, Stage
from tests.contracts.test_permission_matrix import rows

pytestmark = pytest.mark.django_db

# What writes nothing that anybody would want to know of, each with its reason.
SILENT = {
    "accounts:session_end_others POST": "there is no other session",
    "api-identity-provider-check POST": "asks the provider, changes nothing",
    "api-login-policy-try POST": "evaluates, changes nothing",
    "catalog-analyze-location POST": "looks at an address, changes nothing",
    "catalog-locations-by-query POST": "a read whose question is long",
    "catalog-entities-by-query POST": "a read whose question is long",
    "catalog-entities-by-refs POST": "a read whose question is long",
    "catalog-entity-facets POST": "a read whose question is long",
    "catalog-validate-entity POST": "checks, changes nothing",
    "idp:oidc:authorization POST": "only sends to the question; the answer is in its own tests",
    "idp:oidc:device_authorization POST": "agrees to nothing without a code; see its own tests",
    "idp:oidc:logout POST": "asks first; the sign-out is the event",
    "identity:check POST": "asks the provider, changes nothing",
    "mfa_activate_totp POST": "the form comes back without a code; the journey has the event",
    "mfa_add_webauthn POST": "the form comes back without a key; tests of second factors have the event",
    "mfa_generate_recovery_codes POST": "nobody has codes without a second factor",
    "mfa_login_webauthn POST": "the form comes back without a key; the sign-in is the event",
    "scaffolder-wire:dry-run POST": "tries a template, keeps nothing",
    "ui:theme POST": "light or dark, kept in a cookie",
}


def writing() -> list[tuple[Row, str]]:
    """Rows with their methods that succeed for the admin of root."""
    return [
        (row, method)
        for row in rows()
        for method, statuses in row.expected.items()
        if method not in ("GET", "HEAD", "OPTIONS") and 200 <= int(statuses.split()[-1]) < 400
    ]


@pytest.mark.parametrize(("row", "method"), writing(), ids=[f"{row.name} {method}" for row, method in writing()])
def test_whatever_changes_something_leaves_an_event(row: Row, method: str, cast: Cast) -> None:
    if f"{row.name} {method}" in SILENT:
        pytest.skip(SILENT[f"{row.name} {method}"])
    stage = Stage(cast)
    address = reverse(row.name, kwargs=dict(row.parts(stage))) + row.query
    body: dict[str, Any] = dict(row.body(stage))
    client = Client()
    client.force_login(cast.operator, backend="django.contrib.auth.backends.ModelBackend")
    before = AuditEvent.objects.count()
    if address.startswith("/api/"):
        answer = client.generic(method, address, json.dumps(body), content_type="application/json")
    else:
        answer = client.generic(method, address) if method != "POST" else client.post(address, body)
    assert answer.status_code < 400
    assert AuditEvent.objects.count() > before


def test_it_excuses_nothing_that_is_gone() -> None:
    assert sorted(set(SILENT) - {f"{row.name} {method}" for row, method in writing()}) == []
