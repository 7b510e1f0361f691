"""Addresses of roles and of moving spaces: everybody reads roles, admins of root compose them."""

from __future__ import annotations

from portal.spaces.models import Role
from tests.contracts.matrix import API_SIGNED_IN, SIGNED_IN, Row, Stage
from tests.factories.portal import make_space

ROOT_FORM = {"GET": "302 403 403 403 403 200", "POST": "302 403 403 403 403 302"}
ROOT_API = "401 403 403 403 403"


def role(stage: Stage) -> dict[str, object]:
    made = stage.once(
        "role", lambda: Role.objects.create(slug="planner", name="Planner", permissions=["space:read", "run:create"])
    )
    return {"slug": made.slug}


def composed(stage: Stage) -> dict[str, object]:
    return {"slug": "viewer", "name": "Viewer", "permissions": ["space:read"]}


def changed(stage: Stage) -> dict[str, object]:
    return {"name": "Planner", "permissions": ["space:read"]}


def inner(stage: Stage) -> dict[str, object]:
    """A space two below the stage, so that it can go one up within it."""

    def make() -> str:
        return make_space("inner", make_space("shelf", stage.cast.space)).slug

    return {"slug": stage.once("inner", make)}


def to_the_stage(stage: Stage) -> dict[str, object]:
    return {"to": stage.cast.space.slug, "parent": stage.cast.space.slug}


ROWS = [
    Row("spaces:roles", SIGNED_IN),
    Row("spaces:role", SIGNED_IN, role),
    Row("spaces:role_create", ROOT_FORM, body=composed),
    Row("spaces:role_change", ROOT_FORM, role, changed),
    Row("spaces:role_delete", {"POST": ROOT_FORM["POST"]}, role),
    Row("api-role-list", API_SIGNED_IN | {"POST": f"{ROOT_API} 201"}, body=composed),
    Row(
        "api-role-detail",
        API_SIGNED_IN | {"PATCH": f"{ROOT_API} 200", "DELETE": f"{ROOT_API} 204"},
        role,
        changed,
    ),
    Row("spaces:move", {"GET": "302 404 403 403 200 200", "POST": "302 404 403 403 302 302"}, inner, to_the_stage),
    Row("api-space-move", {"POST": "401 404 403 403 200 200"}, inner, to_the_stage),
]
