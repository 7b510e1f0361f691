"""One thing is shared with somebody who has no role in its space, and taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.subjects import person, system
from portal.audit.models import AuditEvent
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.sharing.services import grants_on, share, unshare
from portal.spaces import access
from portal.spaces.people import nest_group
from tests.conftest import Cast
from tests.factories.catalog import make_entity
from tests.factories.portal import make_group, make_user
from tests.factories.stacks import make_stack

pytestmark = pytest.mark.django_db


def test_it_shows_a_shared_thing_and_hides_it_again(as_client: Callable[[User], Client], cast: Cast) -> None:
    stack, guest = make_stack(cast.space, slug="net"), make_user("guest")
    assert as_client(guest).get("/stacks/net/").status_code == 404
    share(subject=person(cast.owner), obj=stack, permissions=["stack:read"], user=guest)
    assert as_client(guest).get("/stacks/net/").status_code == 200
    unshare(subject=person(cast.owner), obj=stack, user=guest)
    assert as_client(guest).get("/stacks/net/").status_code == 404


def test_it_shares_with_a_group_and_the_groups_in_it(cast: Cast) -> None:
    guest = make_user("guest")
    crew, everybody = make_group("crew", guest), make_group("everybody")
    nest_group(subject=system(), child=crew, parent=everybody)
    entity = make_entity(cast.space, "desk")
    share(subject=person(cast.owner), obj=entity, permissions=[], group=everybody)
    assert access.can(person(guest), "entity:read", entity)
    assert not access.can(person(guest), "entity:delete", entity)


def test_it_leaves_audit_rows(cast: Cast) -> None:
    stack, guest = make_stack(cast.space), make_user("guest")
    share(subject=person(cast.owner), obj=stack, permissions=["run:trigger"], user=guest)
    unshare(subject=person(cast.owner), obj=stack, user=guest)
    found = AuditEvent.objects.filter(action__startswith="grant.").order_by("pk")
    assert [(row.action, row.arguments["granted_to"]) for row in found] == [
        ("grant.create", "guest"),
        ("grant.delete", "guest"),
    ]
    assert found[0].arguments["permissions"] == ["run:trigger", "stack:read"]


@pytest.mark.parametrize("name", ["member", "stranger"])
def test_it_is_for_those_who_give_roles_only(name: str, cast: Cast) -> None:
    stack, guest = make_stack(cast.space), make_user("guest")
    with pytest.raises((Forbidden, NotFound)):
        share(subject=cast.subject(name), obj=stack, permissions=["stack:read"], user=guest)


def test_it_refuses_permissions_of_other_things(cast: Cast) -> None:
    with pytest.raises(Invalid, match="can not be granted here"):
        share(subject=cast.subject("owner"), obj=make_stack(cast.space), permissions=["space:update"], user=cast.member)


def test_it_does_not_share_spaces_one_by_one(cast: Cast) -> None:
    with pytest.raises(Forbidden, match="not shared by itself"):
        grants_on(cast.subject("owner"), cast.space)


def test_it_shares_on_a_page_and_by_the_api(as_client: Callable[[User], Client], cast: Cast) -> None:
    make_stack(cast.space, slug="net")
    make_user("guest")
    client = as_client(cast.owner)
    client.post("/sharing/?object=stack:net", {"who": "user:guest", "permissions": ["run:read"]})
    assert "guest" in client.get("/sharing/?object=stack:net").content.decode()
    found = client.get("/api/v1/grants?object=stack:net").json()
    assert found == [{"kind": "user", "name": "guest", "permissions": ["run:read", "stack:read"]}]
    assert client.delete("/api/v1/grants?object=stack:net&who=user:guest").status_code == 204
    assert client.get("/api/v1/grants?object=stack:net").json() == []
    assert client.delete("/api/v1/grants?object=stack:net&who=user:guest").status_code == 404
