"""Links between accounts and entities as they are in the database, always of the present."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models import Value
from django.test import override_settings

from catalog.entities.models import Entity
from catalog.entities.writing import remove_entities
from catalog.people.links import entity_link, everything, group_link, own_links
from catalog.people.names import AccountName, GroupName, account_name, group_name
from catalog.people.reading import ACCOUNT_ANNOTATION, GROUP, GROUP_ANNOTATION, USER
from catalog.people.rules import set_rules
from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.spaces.models import Space
from portal.spaces.people import update_user
from tests.factories.catalog import make_entity
from tests.factories.portal import make_group, make_user

pytestmark = pytest.mark.django_db


def person_entity(space: Space, name: str, *, email: str = "", account: str = "") -> Entity:
    metadata = {"annotations": {ACCOUNT_ANNOTATION: account}} if account else {}
    return make_entity(space, name, "User", metadata=metadata, **({"profile": {"email": email}} if email else {}))


def linked(user: User) -> tuple[str, str] | None:
    link = own_links(user).link
    return (link.candidate.ref, link.rule) if link else None


def test_it_links_by_annotation_then_address_then_name(root: Space) -> None:
    ada = make_user("ada")
    person_entity(root, "ada")
    assert linked(ada) == ("user:default/ada", "name")
    person_entity(root, "lovelace", email="ada@example.com")
    assert linked(ada) == ("user:default/lovelace", "email")
    person_entity(root, "countess", account="ada")
    assert linked(ada) == ("user:default/countess", "annotation")


@override_settings(PEOPLE_RULES=["name", "email"])
def test_it_takes_the_order_of_the_settings_until_an_admin_sets_one(root: Space) -> None:
    ada = make_user("ada")
    person_entity(root, "ada")
    person_entity(root, "lovelace", email="ada@example.com")
    assert linked(ada) == ("user:default/ada", "name")
    set_rules(subject=system(), rules=["email"])
    assert linked(ada) == ("user:default/lovelace", "email")
    set_rules(subject=system(), rules=[])
    assert linked(ada) is None


def test_case_does_not_matter(root: Space) -> None:
    ada, bob, eve = make_user("Ada"), make_user("bob"), make_user("Eve.Adams")
    User.objects.filter(pk=bob.pk).update(email="Bob@Example.com")
    bob.refresh_from_db()
    person_entity(root, "x", account="aDA")
    person_entity(root, "y", email="bOB@example.COM")
    person_entity(root, "EVE.adams")
    assert [linked(user) for user in (ada, bob, eve)] == [
        ("user:default/x", "annotation"),
        ("user:default/y", "email"),
        ("user:default/eve.adams", "name"),
    ]


def test_an_address_that_is_only_claimed_does_not_count(root: Space) -> None:
    ada = make_user("someone")
    person_entity(root, "boss", email="boss@example.com")
    User.objects.filter(pk=ada.pk).update(email="boss@example.com")
    row = EmailAddress.objects.create(user=ada, email="boss@example.com", primary=True, verified=False)
    assert linked(ada) is None
    row.verified = True
    row.save(update_fields=["verified"])
    assert linked(ada) == ("user:default/boss", "email")


def test_an_address_that_an_admin_sets_counts(root: Space) -> None:
    ada = make_user("someone")
    EmailAddress.objects.create(user=ada, email="old@example.com", primary=True, verified=False)
    person_entity(root, "boss", email="boss@example.com")
    update_user(subject=system(), user=ada, email="boss@example.com", display_name="")
    assert linked(ada) == ("user:default/boss", "email")


def test_ambiguity_is_no_link_and_says_why(root: Space) -> None:
    ada = make_user("ada")
    person_entity(root, "one", email="ada@example.com")
    second = person_entity(root, "two", email="ada@example.com")
    person_entity(root, "ada")
    own = own_links(ada)
    assert own.link is None
    assert own.clash is not None
    assert [row.ref for row in own.clash.candidates] == ["user:default/one", "user:default/two"]
    remove_entities([second.pk])
    assert linked(ada) == ("user:default/one", "email")


def test_a_suspended_account_is_in_nobody_s_way(root: Space) -> None:
    old, new = make_user("ada-old", is_active=False), make_user("ada")
    User.objects.filter(pk=old.pk).update(email=new.email)
    person_entity(root, "lovelace", email=new.email)
    assert linked(new) == ("user:default/lovelace", "email")
    assert linked(old) is None
    User.objects.filter(pk=old.pk).update(is_active=True)
    assert linked(new) is None


def test_it_follows_what_changes_at_once(root: Space) -> None:
    ada = make_user("ada")
    entity = person_entity(root, "lovelace", email="ada@example.com")
    assert linked(ada) == ("user:default/lovelace", "email")
    assert getattr(entity_link(entity), "rule", None) == "email"
    User.objects.filter(pk=ada.pk).update(email="new@example.com")
    ada.refresh_from_db()
    assert linked(ada) is None
    assert entity_link(entity) is None
    entity = person_entity(root, "lovelace", account="ada")
    assert linked(ada) == ("user:default/lovelace", "annotation")


def test_an_entity_knows_whose_it_is_where_a_stronger_rule_gives_its_account_another(root: Space) -> None:
    ada = make_user("ada")
    named = person_entity(root, "ada")
    person_entity(root, "countess", account="ada")
    assert entity_link(named) is None
    assert entity_link(make_entity(root, "thing")) is None
    assert linked(ada) == ("user:default/countess", "annotation")


def test_groups_are_linked_by_annotation_and_name(root: Space) -> None:
    crew, office = make_group("scim:Stage Crew"), make_group("office")
    make_entity(root, "stage-crew", "Group")
    make_entity(root, "box-office", "Group", metadata={"annotations": {GROUP_ANNOTATION: "Office"}})
    make_entity(root, "office", "Group")
    assert getattr(group_link(crew), "rule", None) == "name"
    assert getattr(group_link(office), "rule", None) == "annotation"
    own = own_links(make_user("ada"), [crew.pk, office.pk])
    assert [link.candidate.ref for link in own.groups] == ["group:default/box-office", "group:default/stage-crew"]
    entity = Entity.objects.get(ref="group:default/box-office")
    assert getattr(entity_link(entity), "holder", None) == getattr(group_link(office), "holder", 0)


def test_it_tells_admins_what_is_linked_what_clashes_and_what_is_left(root: Space) -> None:
    for name in ("ada", "bob", "eve"):
        make_user(name)
    person_entity(root, "ada")
    person_entity(root, "one", account="bob")
    person_entity(root, "two", account="bob")
    person_entity(root, "stranger")
    make_group("crew")
    make_entity(root, "team", "Group")
    people, teams = everything(USER), everything(GROUP)
    assert [link.candidate.ref for link in people.settled.links] == ["user:default/ada"]
    assert [clash.key for clash in people.settled.clashes] == ["bob"]
    assert [holder.name for holder in people.holders] == ["eve"]
    assert people.refs == ("user:default/stranger",)
    assert ([holder.name for holder in teams.holders], teams.refs) == (["crew"], ("group:default/team",))


@pytest.mark.parametrize("text", ["Ada", "ada@Example.com", "_.x.-", "Ünal Çelik", "\u212aate", "a" * 70, "ж"])
def test_names_are_the_same_in_sql(text: str) -> None:
    user = make_user("somebody")
    found = User.objects.filter(pk=user.pk).values_list(AccountName(Value(text)), flat=True)
    assert list(found) == [account_name(text)]


@pytest.mark.parametrize("text", ["Crew", "scim:Stage Crew", "sso:corp/crew", "sso:crew", "sso:corp/a/b", "x scim:y"])
def test_names_of_groups_are_the_same_in_sql(text: str) -> None:
    group = make_group()
    assert list(Group.objects.filter(pk=group.pk).values_list(GroupName(Value(text)), flat=True)) == [group_name(text)]
