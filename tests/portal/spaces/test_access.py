"""Rights: down the tree, up through inheriting spaces, never sideways."""

from __future__ import annotations

import pytest

from portal.accounts.models import ApiToken, hash_token
from portal.accounts.subjects import Subject, person
from portal.lib.errors import Conflict, Forbidden, NotFound
from portal.spaces import access
from portal.spaces.bindings import bind_role, unbind_role
from portal.spaces.models import Role, Space
from portal.spaces.services import delete_space
from tests.factories.portal import bind, make_group, make_space, make_token, make_user

pytestmark = pytest.mark.django_db


def seen(subject: Subject) -> set[str]:
    return set(access.visible_to(subject, Space.objects.all()).values_list("slug", flat=True))


def test_it_shows_nothing_to_people_without_roles() -> None:
    assert seen(person(make_user())) == set()


def test_it_flows_roles_down_even_through_closed_spaces() -> None:
    outer = make_space("outer", is_inheriting=False)
    make_space("inner", make_space("middle", outer, is_inheriting=False))
    user = make_user()
    bind(user, "reader", outer)
    assert seen(person(user)) == {"outer", "middle", "inner"}


def test_it_lets_a_role_read_upwards_through_open_hops_only() -> None:
    closed = make_space("closed", is_inheriting=False)
    child = make_space("child", make_space("open", closed))
    user = make_user()
    bind(user, "writer", child)
    assert seen(person(user)) == {"child", "open", "closed"}
    assert not access.may_in(person(user), "binding:manage", closed)


def test_it_never_shows_siblings(cast) -> None:
    assert seen(cast.subject("stranger")) == {"root", "wings"}


def test_it_gives_groups_their_rights_at_once(cast) -> None:
    user = make_user()
    group = make_group("crew", user)
    assert seen(person(user)) == set()
    bind(group, "reader", cast.space)
    assert "stage" in seen(person(user))


def test_it_tells_invisible_from_forbidden(cast) -> None:
    with pytest.raises(NotFound):
        access.check(cast.subject("stranger"), "space:update", cast.space)
    with pytest.raises(Forbidden, match="change the space in the space “Stage”"):
        access.check(cast.subject("member"), "space:update", cast.space)
    access.check(cast.subject("owner"), "space:update", cast.space)


def test_it_never_lets_a_token_exceed_its_owner(cast) -> None:
    plain = make_token(cast.member, "admin", cast.sibling)
    token = ApiToken.objects.get(digest=hash_token(plain))
    assert not access.reach(person(cast.member, token=token), "space:update")
    bind(token, "reader", cast.space)
    scoped = person(cast.member, token=token)
    assert access.may_in(scoped, "space:read", cast.space)


def test_it_gives_suspended_people_nothing(cast) -> None:
    cast.operator.is_active = False
    assert seen(person(cast.operator)) == set()


def test_it_refuses_to_give_away_more_than_one_has(cast) -> None:
    with pytest.raises(NotFound):
        bind_role(
            subject=cast.subject("stranger"), space=cast.space, role=Role.objects.get(slug="admin"), user=cast.stranger
        )


def test_it_keeps_the_last_admin_of_root(cast) -> None:
    binding = cast.operator.bindings.get()
    with pytest.raises(Conflict, match="last admin"):
        unbind_role(subject=cast.subject("operator"), binding=binding)


def test_it_names_what_keeps_a_space_from_being_deleted(cast) -> None:
    make_space("wing", cast.space)
    with pytest.raises(Conflict, match="still holds spaces"):
        delete_space(subject=cast.subject("operator"), space=cast.space)
