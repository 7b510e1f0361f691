"""Addresses of requests for access: the asker is a Reader of the space, who sees their own and answers none."""

from __future__ import annotations

from portal.accounts.subjects import person
from portal.spaces.models import Role
from portal.spaces.requests import request_access
from tests.contracts.matrix import API_SIGNED_IN, IN_SPACE, SIGNED_IN, Row, Stage


def wanted(stage: Stage) -> dict[str, object]:
    def make() -> object:
        role = Role.objects.get(slug="writer")
        return request_access(subject=person(stage.reader()), space=stage.cast.space, role=role, reason="On call.").uid

    return {"uid": stage.once("wanted", make)}


def question(stage: Stage) -> dict[str, object]:
    return {"space": stage.cast.space.slug, "role": "writer", "reason": "On call."}


def space(stage: Stage) -> dict[str, object]:
    return {"slug": stage.cast.space.slug}


def refused(stage: Stage) -> dict[str, object]:
    return {"verb": "refuse", "answer": "Not now."}


def refusal(stage: Stage) -> dict[str, object]:
    return {"answer": "Not now."}


ROWS = [
    # A stranger's body names a space that they do not see; whoever has the role already is told so.
    Row("api-access-request-list", {**API_SIGNED_IN, "POST": "401 400 201 409 409 409"}, body=question),
    Row("spaces:requests", SIGNED_IN),
    Row("spaces:ask", {**IN_SPACE, "POST": "302 404 302 422 422 422"}, space, question),
    Row("spaces:request_answer", {"POST": "302 404 302 404 302 302"}, wanted, refused),
    Row(
        "api-access-request-detail", {"GET": "401 404 200 404 200 200"}, wanted, others={"reading token of owner": 404}
    ),
    Row(
        "api-access-request-grant", {"POST": "401 404 403 404 200 200"}, wanted, others={"reading token of owner": 404}
    ),
    Row(
        "api-access-request-refuse",
        {"POST": "401 404 403 404 200 200"},
        wanted,
        refusal,
        others={"reading token of owner": 404},
    ),
    Row(
        "api-access-request-withdraw",
        {"POST": "401 404 200 404 404 404"},
        wanted,
        others={"reading token of owner": 404},
    ),
]
