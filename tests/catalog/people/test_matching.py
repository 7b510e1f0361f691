"""The rules as a pure function: their order, what is ambiguous, and what a stronger rule takes away."""

from __future__ import annotations

import pytest

from catalog.people.matching import Candidate, Holder, settle
from catalog.people.models import Rule
from catalog.people.names import account_name, group_name
from catalog.people.reading import USER

ALL = (Rule.ANNOTATION, Rule.EMAIL, Rule.NAME)


def account(pk: int, name: str, email: str = "") -> Holder:
    keys = {Rule.ANNOTATION: name, Rule.EMAIL: email, Rule.NAME: name}
    return Holder(USER, pk, name, name, keys)


def entity(name: str, *, account: str = "", email: str = "") -> Candidate:
    return Candidate(f"user:default/{name}", {Rule.ANNOTATION: account, Rule.EMAIL: email, Rule.NAME: name})


ADA = account(1, "ada", "ada@example.com")
BOB = account(2, "bob", "bob@example.com")


def links(holders: list[Holder], entities: list[Candidate], rules: tuple[Rule, ...] = ALL) -> list[tuple[str, ...]]:
    found = settle(holders, entities, rules)
    return [(link.holder.name, link.candidate.ref.rpartition("/")[2], link.rule) for link in found.links]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (ALL, ("ada", "by-annotation", "annotation")),
        ((Rule.EMAIL, Rule.NAME, Rule.ANNOTATION), ("ada", "by-email", "email")),
        ((Rule.NAME, Rule.EMAIL), ("ada", "ada", "name")),
    ],
)
def test_it_asks_the_rules_in_their_order(rules: tuple[Rule, ...], expected: tuple[str, str, str]) -> None:
    entities = [entity("ada"), entity("by-email", email="ada@example.com"), entity("by-annotation", account="ada")]
    assert links([ADA], entities, rules) == [expected]


def test_it_links_nobody_without_rules() -> None:
    assert links([ADA], [entity("ada")], ()) == []


def test_two_entities_of_one_account_are_a_clash_that_a_weaker_rule_does_not_mend() -> None:
    twins = [entity("one", email="ada@example.com"), entity("two", email="ada@example.com")]
    found = settle([ADA], [*twins, entity("ada")], ALL)
    assert found.links == []
    [clash] = found.clashes
    assert (clash.rule, clash.key, clash.holders, clash.candidates) == (
        Rule.EMAIL,
        "ada@example.com",
        (ADA,),
        tuple(twins),
    )


def test_two_accounts_of_one_entity_are_a_clash() -> None:
    second = account(3, "ada-admin", "ada@example.com")
    found = settle([ADA, second], [entity("lovelace", email="ada@example.com")], ALL)
    assert found.links == []
    assert [clash.holders for clash in found.clashes] == [(ADA, second)]


def test_an_annotation_mends_what_the_address_leaves_open() -> None:
    second = account(3, "ada-admin", "ada@example.com")
    entities = [entity("lovelace", account="ada", email="ada@example.com")]
    assert links([ADA, second], entities) == [("ada", "lovelace", "annotation")]


def test_an_entity_is_nobody_s_by_a_rule_weaker_than_its_own() -> None:
    entities = [entity("bob", account="ada"), entity("robert", email="bob@example.com")]
    assert links([ADA, BOB], entities) == [("ada", "bob", "annotation"), ("bob", "robert", "email")]
    assert links([ADA, BOB], entities[:1]) == [("ada", "bob", "annotation")]


def test_an_annotation_that_names_nobody_leaves_the_other_rules() -> None:
    assert links([ADA], [entity("ada", account="somebody-else")]) == [("ada", "ada", "name")]


def test_it_links_each_once_when_it_is_given_twice() -> None:
    assert links([ADA, ADA], [entity("ada"), entity("ada")]) == [("ada", "ada", "name")]


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("Ada", "ada"),
        ("ada@Example.com", "ada-example.com"),
        ("_.ada.-", "ada"),
        ("Ünal Çelik", "nal-elik"),
        ("ж", ""),
        ("a" * 70, "a" * 63),
        ("\u212aate", "ate"),
    ],
)
def test_it_makes_names_of_entities(username: str, expected: str) -> None:
    assert account_name(username) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Crew", "crew"),
        ("scim:Stage Crew", "stage-crew"),
        ("sso:corp/crew", "crew"),
        ("sso:crew", "crew"),
        ("sso:corp/a/b", "a-b"),
        ("x scim:crew", "x-scim-crew"),
    ],
)
def test_it_makes_names_of_group_entities(name: str, expected: str) -> None:
    assert group_name(name) == expected
