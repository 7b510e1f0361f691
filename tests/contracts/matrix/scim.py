"""Addresses of SCIM: tokens only, and only those that may provision, which is an admin's matter at root."""

from __future__ import annotations

from portal.scim.models import Record
from tests.contracts.matrix import Row, Stage
from tests.factories.portal import make_user

# Browsers' sessions do not count at all.
NOBODY = "401 401 401 401 401 401"
TOKENS = {
    **{f"token of {name}": 403 for name in ("stranger", "reader", "member", "owner", "parent")},
    "reading token of owner": 403, "outsider": 401,
}  # fmt: skip


def may(status: int) -> dict[str, int]:
    return {**TOKENS, "token of operator": status}


def listed(stage: Stage) -> dict[str, object]:
    return {"kind": "Users"}


def account(stage: Stage) -> dict[str, object]:
    def make() -> object:
        user = make_user("provisioned")
        user.set_unusable_password()
        user.save()
        return Record.objects.create(user=user).uid

    return {"kind": "Users", "uid": stage.once("account", make)}


def new(stage: Stage) -> dict[str, object]:
    return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "fresh"}


def patch(stage: Stage) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": False}],
    }


ROWS = [
    Row("scim:config", {"GET": NOBODY}, others=may(200)),
    Row("scim:described", {"GET": NOBODY}, lambda stage: {"what": "Schemas"}, others=may(200)),
    Row(
        "scim:described_one", {"GET": NOBODY}, lambda stage: {"what": "ResourceTypes", "name": "User"}, others=may(200)
    ),
    Row("scim:many", {"GET": NOBODY}, listed, others=may(200)),
    Row("scim:many", {"POST": NOBODY}, listed, new, others=may(201)),
    Row("scim:search", {"POST": NOBODY}, listed, others=may(200)),
    Row("scim:one", {"GET": NOBODY}, account, others=may(200)),
    Row("scim:one", {"PUT": NOBODY}, account, new, others=may(200)),
    Row("scim:one", {"PATCH": NOBODY}, account, patch, others=may(200)),
    Row("scim:one", {"DELETE": NOBODY}, account, others=may(204)),
    Row("scim:missing", {"GET": NOBODY}, lambda stage: {"rest": "Me"}, others=may(501)),
]
