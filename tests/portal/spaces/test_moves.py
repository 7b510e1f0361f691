"""A space moves with all that hangs from it, or the check that stands against it is named."""

from __future__ import annotations

import pytest

from portal.accounts.subjects import person
from portal.audit.models import AuditEvent
from portal.lib.errors import Conflict, Forbidden, NotFound
from portal.spaces import access
from portal.spaces.models import Space
from portal.spaces.moves import checks_of_move, destinations_for, move_space
from tests.conftest import Cast
from tests.factories.portal import bind, make_space, make_user

pytestmark = pytest.mark.django_db


def test_it_takes_the_subtree_along_and_roles_follow_the_new_place(cast: Cast) -> None:
    loft = make_space("loft", cast.space)
    attic = make_space("attic", loft)
    move_space(subject=person(cast.operator), space=loft, parent=cast.sibling)
    loft.refresh_from_db()
    assert loft.parent == cast.sibling
    assert not access.can(person(cast.owner), "space:read", attic)
    assert access.can(person(cast.stranger), "space:update", attic)
    assert AuditEvent.objects.filter(action="space.move", arguments__parent="wings", arguments__before="stage").exists()


def test_it_keeps_the_roles_that_were_given_inside(cast: Cast) -> None:
    loft, user = make_space("loft", cast.space), make_user("ada")
    bind(user, "writer", loft)
    move_space(subject=person(cast.operator), space=loft, parent=cast.sibling)
    assert access.can(person(user), "space:read", loft)


def test_it_does_not_let_an_admin_of_the_space_alone_take_it_away(cast: Cast) -> None:
    thief, loft = make_user("thief"), make_space("loft", cast.space)
    bind(thief, "admin", loft)
    bind(thief, "admin", cast.sibling)
    with pytest.raises(Forbidden, match="“Stage”"):
        move_space(subject=person(thief), space=loft, parent=cast.sibling)
    assert destinations_for(person(thief), loft) == []


def test_it_does_not_put_a_space_where_the_mover_may_make_none(cast: Cast) -> None:
    loft = make_space("loft", cast.space)
    with pytest.raises(Forbidden, match="“Wings”"):
        move_space(subject=person(cast.owner), space=loft, parent=cast.sibling)


def test_it_tells_a_stranger_nothing(cast: Cast) -> None:
    loft = make_space("loft", cast.space)
    with pytest.raises(NotFound):
        move_space(subject=person(cast.stranger), space=loft, parent=cast.sibling)


def test_it_does_not_hang_a_space_below_itself(cast: Cast) -> None:
    loft = make_space("loft", cast.space)
    with pytest.raises(Conflict, match="lies in"):
        move_space(subject=person(cast.operator), space=cast.space, parent=loft)


def test_it_does_not_move_the_root(cast: Cast, root: Space) -> None:
    with pytest.raises(Conflict, match="root space stays"):
        move_space(subject=person(cast.operator), space=root, parent=cast.space)


def test_it_names_every_check_and_changes_nothing_while_looking(cast: Cast) -> None:
    loft = make_space("loft", cast.space)
    checks = checks_of_move(person(cast.operator), loft, cast.sibling)
    assert all(check.holds for check in checks)
    assert len({check.words for check in checks}) == len(checks) >= 4
    loft.refresh_from_db()
    assert loft.parent == cast.space
    assert access.can(person(cast.owner), "space:read", loft)


def test_it_offers_the_places_where_the_mover_may_put_it(cast: Cast) -> None:
    loft = make_space("loft", cast.space)
    assert {space.slug for space in destinations_for(person(cast.operator), loft)} == {"root", "wings"}
