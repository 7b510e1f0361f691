"""What is mine: through nested groups, live, bounded, and never by what may not be seen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.entities.models import Entity
from catalog.people.ownership import identity_of, identity_refs, owned_by
from catalog.people.reading import GROUP_ANNOTATION
from portal.accounts.models import ApiToken, GroupParent, User, Workload
from portal.accounts.subjects import machine, person, system
from portal.spaces.models import Space
from portal.spaces.people import nest_group
from tests.conftest import Cast
from tests.factories.catalog import make_entity
from tests.factories.portal import bind, make_group, make_space, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(root: Space) -> User:
    """Somebody who may read everything."""
    user = make_user("ada")
    bind(user, "reader", root)
    return user


def refs(user: User) -> list[str]:
    return [ref.removeprefix("group:default/") for ref in identity_refs(person(user))]


def test_it_is_the_user_and_all_groups_above(root: Space, ada: User) -> None:
    make_entity(root, "ada", "User", memberOf=["team-1"])
    for number in range(1, 6):
        make_entity(root, f"team-{number}", "Group", **({"parent": f"team-{number + 1}"} if number < 5 else {}))
    assert refs(ada) == ["user:default/ada", "team-1", "team-2", "team-3", "team-4", "team-5"]


def test_it_follows_a_changed_entity_and_what_groups_say_themselves(root: Space, ada: User) -> None:
    make_entity(root, "ada", "User")
    make_entity(root, "top", "Group", children=["crew"])
    assert refs(ada) == ["user:default/ada"]
    make_entity(root, "crew", "Group", members=["ada"])
    assert refs(ada) == ["user:default/ada", "crew", "top"]
    make_entity(root, "top", "Group")
    assert refs(ada) == ["user:default/ada", "crew"]


def test_it_follows_memberships_of_groups_here_that_are_nested(root: Space, ada: User) -> None:
    crew = make_group("crew", ada)
    make_entity(root, "stage", "Group", parent="company", metadata={"annotations": {GROUP_ANNOTATION: "company-wide"}})
    assert refs(ada) == []
    everybody = make_group("company-wide")
    nest_group(subject=system(), child=crew, parent=everybody)
    assert refs(ada) == ["company", "stage"]
    ada.groups.clear()
    assert refs(ada) == []


def test_groups_that_are_in_each_other_come_to_an_end(root: Space, ada: User) -> None:
    make_entity(root, "ada", "User", memberOf=["a"])
    make_entity(root, "a", "Group", parent="b")
    make_entity(root, "b", "Group", parent="c")
    make_entity(root, "c", "Group", parent="a")
    first, second = make_group("b", ada), make_group("c")
    GroupParent.objects.create(child=first, parent=second)
    GroupParent.objects.create(child=second, parent=first)
    assert refs(ada) == ["user:default/ada", "a", "b", "c"]


def test_it_filters_what_is_owned(root: Space, ada: User) -> None:
    make_entity(root, "ada", "User", memberOf=["crew"])
    make_entity(root, "crew", "Group", parent="company")
    for owner in ("crew", "company", "user:ada", "others"):
        make_entity(root, f"of-{owner.replace(':', '-')}", owner=owner)
    found = owned_by(person(ada), Entity.objects.filter(kind_key="component"))
    assert sorted(found.values_list("name", flat=True)) == ["of-company", "of-crew", "of-user-ada"]


def test_nobody_owns_anything_without_a_link(root: Space, ada: User) -> None:
    make_entity(root, "thing", owner="user:ada")
    assert owned_by(person(ada), Entity.objects.all()).count() == 0


def test_it_does_not_tell_of_entities_that_may_not_be_seen(cast: Cast) -> None:
    make_entity(cast.sibling, "member", "User", memberOf=["wing-crew"])
    assert identity_refs(cast.subject("member")) == []
    make_entity(cast.space, "member", "User", memberOf=["stage-crew"], metadata={"namespace": "stage"})
    assert identity_refs(cast.subject("member")) == []  # two with one name, of which the person sees one


def test_it_does_not_walk_through_what_may_not_be_seen(cast: Cast) -> None:
    make_entity(cast.space, "member", "User", memberOf=["hidden"])
    make_entity(cast.sibling, "hidden", "Group", parent="secret")
    make_entity(cast.space, "secret", "Group", parent="top-secret")
    assert identity_refs(cast.subject("member")) == ["user:default/member", "group:default/hidden"]
    bind(cast.member, "reader", cast.sibling)
    assert "group:default/top-secret" in identity_refs(cast.subject("member"))


def test_it_does_not_tell_of_groups_that_may_not_be_seen(cast: Cast) -> None:
    make_group("crew", cast.member)
    make_entity(cast.sibling, "crew", "Group")
    found = identity_of(cast.subject("member"))
    assert (found.groups, found.refs) == ((), ())


def test_a_link_gives_no_right(cast: Cast) -> None:
    make_entity(cast.space, "outsider", "User", memberOf=["crew"])
    make_entity(cast.space, "crew", "Group")
    thing = make_entity(cast.space, "thing", owner="crew")
    outsider = person(make_user("outsider"))
    assert identity_refs(outsider) == []
    assert not owned_by(outsider, Entity.objects.filter(pk=thing.pk)).exists()


def test_machines_and_the_portal_own_nothing(cast: Cast) -> None:

    stack = Workload.objects.create(kind="stack", name="network")
    assert identity_refs(machine(stack)) == identity_refs(system()) == []


def test_it_asks_few_questions_and_each_once(root: Space, ada: User) -> None:
    make_entity(root, "ada", "User", memberOf=["team-0"])
    for number in range(8):
        make_group(f"group-{number}", ada)
        make_entity(root, f"group-{number}", "Group", parent=f"team-{number}")
        make_entity(root, f"team-{number}", "Group", parent="company")
    subject = person(ada)
    assert subject.group_ids
    with CaptureQueriesContext(connection) as queries:
        assert len(identity_refs(subject)) == 18
        identity_refs(subject)
    # Rights, the rules, the account, its groups, their entities, rivals of both kinds, and the walk.
    assert len(queries) <= 8, [query["sql"] for query in queries]


def test_a_token_of_less_sees_less(cast: Cast) -> None:
    above = make_space("above")
    bind(cast.member, "reader", above)
    make_entity(above, "member", "User")
    assert identity_refs(cast.subject("member")) == ["user:default/member"]

    token = ApiToken.objects.create(owner=cast.member, name="t", prefix="p", digest="d", is_scoped=True)
    bind(token, "reader", cast.space)
    assert identity_refs(person(cast.member, token=token)) == []
