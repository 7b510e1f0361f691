"""Addresses of workload identity."""

from __future__ import annotations

from portal.workloads.models import Trust
from tests.contracts.matrix import API_SIGNED_IN, SIGNED_IN, Row, Stage
from tests.factories.workloads import make_trust

# Who gives roles in the space; to others a trust is not there.
_PAGE = {"GET": "302 404 404 404 200 200"}
_API = {"GET": "401 404 404 404 200 200"}
_POST = "302 404 404 404 302 302"


def _trust(stage: Stage) -> Trust:
    found: Trust = stage.once("trust", lambda: make_trust(stage.cast.space, "deploy"))
    return found


def _uid(stage: Stage) -> dict[str, object]:
    return {"uid": _trust(stage).uid}


def _new(stage: Stage) -> dict[str, object]:
    return {
        "name": "New", "space": stage.cast.space.slug, "issuer": "https://ci.example.com", "audience": "portal",
        "subject_pattern": "repo:acme/*", "token_minutes": 30,
    }  # fmt: skip


def _role(stage: Stage) -> dict[str, object]:
    return {"role": "reader", "space": stage.cast.space.slug}


ROWS = [
    Row("workloads:list", SIGNED_IN),
    # The stranger may make trusts in the sibling space; this space is none of its choices.
    Row(
        "workloads:create",
        {"GET": "302 200 403 403 200 200", "POST": "302 422 403 403 302 302"},
        body=_new,
        others={"outsider": 403},
    ),
    Row("workloads:detail", _PAGE, _uid),
    Row("workloads:change", _PAGE | {"POST": _POST}, _uid, _new),
    Row("workloads:switch", {"POST": _POST}, _uid, lambda stage: {"enabled": "0"}),
    Row("workloads:role_give", {"POST": _POST}, _uid, _role),
    Row("workloads:delete", {"POST": _POST}, _uid),
    Row("api-workload-trust-list", API_SIGNED_IN | {"POST": "401 400 403 403 201 201"}, body=_new),
    Row(
        "api-workload-trust-detail",
        _API | {"PATCH": "401 404 404 404 200 200", "DELETE": "401 404 404 404 204 204"},
        _uid,
        lambda stage: {"name": "Changed", "subject_pattern": "repo:acme/other"},
    ),
    Row("api-workload-trust-roles", _API | {"POST": "401 404 404 404 201 201"}, _uid, _role),
    # For jobs, which nobody knows before: sessions and tokens mean nothing here.
    Row("api-workload-token-list", {"POST": "400 400 400 400 400 400"}),
]
