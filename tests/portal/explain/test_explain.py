"""Why somebody may or may not: chains in words, and who else may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from guardian.shortcuts import assign_perm

from portal.accounts.models import User
from portal.accounts.subjects import person, system
from portal.explain.chains import chains_of, explain
from portal.explain.questions import ask, ask_who
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.people import nest_group
from tests.conftest import Cast
from tests.factories.portal import bind, make_group, make_space, make_user
from tests.factories.stacks import make_stack

pytestmark = pytest.mark.django_db


def steps(cast: Cast, user: User, permission: str, thing: object) -> list[str]:
    return [" > ".join(chain.steps) for chain in chains_of(user, permission, thing)]  # type: ignore[arg-type]


def test_it_names_the_role_and_the_space_that_it_was_given_in(cast: Cast) -> None:
    assert steps(cast, cast.owner, "space:update", cast.space) == ["role Admin in “Stage”"]


def test_it_says_that_a_role_holds_below(cast: Cast) -> None:
    found = steps(cast, cast.operator, "space:update", cast.space)
    assert found == ["role Admin in “Root” > holds below it, in “Stage”"]


def test_it_walks_through_nested_groups(cast: Cast) -> None:
    user = make_user("ada")
    crew, everybody = make_group("crew", user), make_group("everybody")
    nest_group(subject=system(), child=crew, parent=everybody)
    bind(everybody, "reader", cast.space)
    found = steps(cast, user, "space:read", cast.space)
    assert found == ["in the group “crew” > which is in “everybody” > role Reader in “Stage”"]


def test_it_says_that_reading_goes_up_where_spaces_inherit(cast: Cast) -> None:
    user, loft = make_user("ada"), make_space("loft", cast.space)
    bind(user, "reader", loft)
    found = steps(cast, user, "space:read", cast.space)
    assert found == ["role Reader in “Loft” > “Loft” inherits from “Stage”, so it may be read"]


def test_it_names_grants_on_one_thing(cast: Cast) -> None:
    user, stack = make_user("ada"), make_stack(cast.space)
    assign_perm("stack:read", user, stack)
    assert [chain.way for chain in chains_of(user, "stack:read", stack)] == ["grant"]
    assert explain(user, "stack:read", stack).is_allowed


def test_it_says_why_not_and_whom_to_ask(cast: Cast) -> None:
    answer = explain(cast.member, "space:delete", cast.space)
    assert not answer.is_allowed
    assert "member may not delete spaces in the space “Stage”" in answer.refusal
    assert answer.givers == ["owner", "operator"]


def test_it_allows_a_suspended_person_nothing(cast: Cast) -> None:
    cast.owner.is_active = False
    cast.owner.save()
    assert "suspended" in explain(cast.owner, "space:read", cast.space).refusal


@pytest.mark.parametrize("name", ["owner", "member", "stranger", "operator"])
@pytest.mark.parametrize("permission", ["space:read", "space:update", "binding:manage"])
def test_it_has_a_chain_exactly_where_access_says_yes(name: str, permission: str, cast: Cast) -> None:
    make_space("loft", cast.space)
    user = getattr(cast, name)
    for space in (cast.space, cast.sibling):
        assert bool(chains_of(user, permission, space)) == access.can(person(user), permission, space)


def test_it_lets_people_ask_about_themselves_only_unless_they_give_roles(cast: Cast) -> None:
    question = {"permission": "space:update", "thing": "space:stage"}
    assert not ask(person(cast.member), **question).is_allowed
    assert not ask(person(cast.member), **question, username="member").is_allowed
    with pytest.raises(Forbidden, match="about yourself"):
        ask(person(cast.member), **question, username="owner")
    assert ask(person(cast.owner), **question, username="owner").is_allowed


def test_it_does_not_tell_strangers_whether_a_thing_exists(cast: Cast) -> None:
    words = []
    for name in ("stage", "nowhere"):
        with pytest.raises(NotFound) as caught:
            ask(person(cast.stranger), permission="space:read", thing=f"space:{name}")
        words.append(caught.value.detail.replace(name, ""))
    assert words[0] == words[1]


@pytest.mark.parametrize(
    ("permission", "thing"), [("space:fly", "space:stage"), ("space:read", "stage"), ("space:read", "moon:1")]
)
def test_it_says_what_is_wrong_with_a_question(permission: str, thing: str, cast: Cast) -> None:
    with pytest.raises(Invalid):
        ask(person(cast.owner), permission=permission, thing=thing)


def test_it_lists_who_may(cast: Cast) -> None:
    bind(make_group("crew"), "admin", cast.space)
    found = {
        (row.kind, row.name) for row in ask_who(person(cast.owner), permission="space:update", thing="space:stage")
    }
    assert found == {("user", "owner"), ("user", "operator"), ("group", "crew")}


def test_it_shows_the_answer_on_a_page(as_client: Callable[[User], Client], cast: Cast) -> None:
    body = as_client(cast.owner).get("/explain/?permission=space:update&object=space:stage").content.decode()
    assert "role Admin in “Stage”" in body
    assert "operator" in body


def test_it_answers_programs(as_client: Callable[[User], Client], cast: Cast) -> None:
    answer = as_client(cast.member).get("/api/v1/explain?permission=space:update&object=space:stage").json()
    assert (answer["is_allowed"], answer["chains"], answer["givers"]) == (False, [], ["owner", "operator"])
