"""Addresses of grants on single things."""

from __future__ import annotations

from portal.accounts.subjects import person
from portal.sharing.services import share
from tests.contracts.matrix import Row, Stage
from tests.factories.portal import make_user
from tests.factories.stacks import make_stack


def stack(stage: Stage) -> dict[str, object]:
    stage.once("stack", lambda: make_stack(stage.cast.space, slug="net"))
    return {}


def with_guest(stage: Stage) -> dict[str, object]:
    guest = stage.once("guest", lambda: make_user("guest"))
    return {"who": f"user:{guest.username}", "permissions": ["stack:read"]}


def granted(stage: Stage) -> dict[str, object]:
    return {"who": f"user:{stage.once('guest', lambda: make_user('guest')).username}"}


def shared_stack(stage: Stage) -> dict[str, object]:
    def make() -> None:
        guest = stage.once("guest", lambda: make_user("guest"))
        net = make_stack(stage.cast.space, slug="net")
        share(subject=person(stage.cast.owner), obj=net, user=guest, permissions=["stack:read"])

    stage.once("shared", make)
    return {}


ROWS = [
    Row(
        "sharing:page", {"GET": "302 404 403 403 200 200", "POST": "302 404 403 403 302 302"}, stack, with_guest,
        query="?object=stack:net",
    ),
    Row("sharing:revoke", {"POST": "302 404 403 403 302 302"}, shared_stack, granted, query="?object=stack:net"),
    Row(
        "api-grants", {"GET": "401 404 403 403 200 200", "POST": "401 404 403 403 201 201"}, stack, with_guest,
        query="?object=stack:net",
    ),
]  # fmt: skip
