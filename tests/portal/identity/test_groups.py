"""Groups that follow providers: nobody gets into a group that no rule gives them, and hand-made memberships stay."""

from __future__ import annotations

import importlib

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth.models import Group

from portal.accounts.models import User
from portal.identity.claims import values_at
from portal.identity.groups import bind_group, follow, group_name, leave_as, leave_provider, names_for
from portal.identity.models import GroupRule, ProviderGroup, ProviderMembership
from tests.factories.portal import make_group, make_user

pytestmark = pytest.mark.django_db


def come(user: User, provider: str, *values: str) -> None:
    follow(user, provider, names_for(provider, values), values)


def names(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def rule(provider: str, pattern: str, group: Group) -> None:
    GroupRule.objects.create(provider_key=provider, pattern=pattern, group=group)


def test_it_joins_and_leaves_what_the_claim_says() -> None:
    user = make_user()
    make_group("crew", user)
    come(user, "corp", "a", "b")
    assert names(user) == {"crew", "sso:corp/a", "sso:corp/b"}
    come(user, "corp", "b")
    assert names(user) == {"crew", "sso:corp/b"}
    come(user, "corp")
    assert names(user) == {"crew"}


def test_it_keeps_two_providers_apart() -> None:
    user = make_user()
    come(user, "corp", "admins")
    come(user, "shop", "admins")
    assert names(user) == {"sso:corp/admins", "sso:shop/admins"}
    come(user, "shop")
    assert names(user) == {"sso:corp/admins"}


@pytest.mark.parametrize("value", ["admins", "sso:corp/admins", "corp/admins", "../corp/admins", "/admins"])
def test_it_gains_nothing_by_a_value_that_spells_another_group(value: str) -> None:
    make_group("admins")
    bind_group("corp", "admins")
    user = make_user()
    come(user, "evil", value)
    assert names(user) == {f"sso:evil/{value}"}


def test_it_never_joins_a_group_that_only_has_the_name() -> None:
    """A group called like a provider's group, but made by other means, is not the provider's."""
    taken = make_group("sso:corp/admins")
    user = make_user()
    come(user, "corp", "admins")
    assert taken not in user.groups.all()
    assert user.groups.get().name.startswith("sso:corp/admins~")


def test_it_makes_long_values_that_begin_alike_two_groups() -> None:
    user = make_user()
    come(user, "corp", "x" * 200 + "1", "x" * 200 + "2")
    assert len(names(user)) == 2
    assert all(len(name) <= 150 for name in names(user))


def test_it_puts_people_into_hand_made_groups_by_rules_only() -> None:
    crew = make_group("crew")
    rule("corp", "team-*", crew)
    user = make_user()
    come(user, "corp", "team-a", "team-b", "other")
    assert names(user) == {"crew", "sso:corp/other"}
    come(user, "shop", "team-a")
    come(user, "corp")
    assert names(user) == {"sso:shop/team-a"}


def test_it_matches_letters_exactly() -> None:
    rule("corp", "Admins", make_group("crew"))
    user = make_user()
    come(user, "corp", "admins")
    assert "crew" not in names(user)


def test_it_leaves_a_membership_that_was_given_by_hand() -> None:
    user = make_user()
    rule("corp", "crew", make_group("crew", user))
    come(user, "corp", "crew")
    come(user, "corp")
    assert names(user) == {"crew"}


def test_it_stays_while_any_provider_says_so() -> None:
    crew, user = make_group("crew"), make_user()
    rule("corp", "a", crew)
    rule("shop", "b", crew)
    come(user, "corp", "a")
    come(user, "shop", "b")
    come(user, "corp")
    assert names(user) == {"crew"}
    leave_as(user, "shop")
    assert names(user) == set()


def test_it_ignores_names_of_no_group_that_a_gate_returns() -> None:
    user = make_user()
    make_group("crew")
    follow(user, "corp", ["crew", "nothing-like-this"], [])
    assert names(user) == {"crew"}
    assert not Group.objects.filter(name="nothing-like-this").exists()


def test_it_takes_away_all_that_a_provider_gave() -> None:
    first, second = make_user("a1"), make_user("b1")
    make_group("crew", first)
    for user in (first, second):
        come(user, "corp", "a")
    leave_provider("corp")
    assert (names(first), names(second)) == ({"crew"}, set())


@pytest.mark.parametrize(
    ("claims", "path", "values"),
    [
        ({"groups": ["a", "a", "", 7]}, "groups", ("a",)),
        ({"groups": "a"}, "groups", ("a",)),
        ({"groups": []}, "groups", ()),
        ({"realm_access": {"roles": ["r"]}}, "realm_access.roles", ("r",)),
        ({"http://schemas.example.com/groups": ["g"]}, "http://schemas.example.com/groups", ("g",)),
        ({}, "groups", None),
        ({"groups": None}, "groups", None),
        ({"groups": {"a": 1}}, "groups", None),
        ({"groups": ["a"]}, "", None),
    ],
)
def test_it_reads_groups_where_the_provider_puts_them(
    claims: dict[str, object], path: str, values: tuple[str, ...] | None
) -> None:
    assert values_at(claims, path) == values


def test_it_gives_the_groups_of_earlier_versions_to_their_provider() -> None:
    member, by_hand = make_user("member"), make_user("by-hand")
    SocialAccount.objects.create(user=member, provider="oidc", uid="1")
    old, tricky = make_group("sso:a", member, by_hand), make_group("sso:oidc/a", member)
    migration = importlib.import_module("portal.identity.migrations.0002_groups_by_provider")
    migration.adopt(apps, None)
    old.refresh_from_db()
    tricky.refresh_from_db()
    assert (old.name, tricky.name) == ("sso:oidc/a", "sso:oidc/oidc/a")
    assert ProviderGroup.objects.get(group=old).value == "a"
    assert list(ProviderMembership.objects.filter(group=old).values_list("user__username", flat=True)) == ["member"]
    come(member, "oidc")
    come(by_hand, "oidc")
    assert (names(member), names(by_hand)) == (set(), {"sso:oidc/a"})
    migration.give_back(apps, None)
    old.refresh_from_db()
    assert old.name == "sso:a"


def test_it_names_groups_so_that_no_two_providers_meet() -> None:
    assert group_name("a", "b/c") != group_name("a-b", "c")
