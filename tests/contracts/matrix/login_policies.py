"""Addresses of login policies."""

from __future__ import annotations

from tests.contracts.matrix import Row, Stage
from tests.factories.login_policies import make_policy

ROOT_PAGE = {"GET": "302 404 404 404 404 200"}
ROOT_API = {"GET": "401 404 404 404 404 200"}
BODY = "package p\nallow if true"


def policy(stage: Stage) -> dict[str, object]:
    # One that is off: were it enabled, making it would sign everybody out.
    return {"uid": stage.once("login policy", lambda: make_policy(is_enabled=False)).uid}


def written(stage: Stage) -> dict[str, object]:
    return {"name": "New", "version": "v1", "body": BODY, "act": "save"}


def tried(stage: Stage) -> dict[str, object]:
    return {"body": BODY, "login": "somebody"}


ROWS = [
    Row("login_policies:list", ROOT_PAGE),
    Row("login_policies:create", ROOT_PAGE | {"POST": "302 404 404 404 404 302"}, body=written),
    Row("login_policies:policy", ROOT_PAGE | {"POST": "302 404 404 404 404 302"}, policy, written),
    Row("login_policies:delete", {"POST": "302 404 404 404 404 302"}, policy),
    Row("login_policies:clear", {"POST": "302 404 404 404 404 302"}, policy),
    Row(
        "api-login-policy-list",
        ROOT_API | {"POST": "401 404 404 404 404 201"},
        body=lambda stage: {"name": "New", "body": BODY},
    ),
    Row(
        "api-login-policy-detail",
        ROOT_API | {"PATCH": "401 404 404 404 404 200", "DELETE": "401 404 404 404 404 204"},
        policy,
        lambda stage: {"description": "Changed"},
    ),
    Row("api-login-policy-try", {"POST": "401 404 404 404 404 200"}, body=tried),
    Row("api-login-policy-notices", ROOT_API, policy),
    Row("api-login-policy-samples", ROOT_API, policy),
]
