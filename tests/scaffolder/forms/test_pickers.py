"""The rules of pickers hold for every value, wherever it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from scaffolder.forms.entity_refs import whole_reference
from scaffolder.forms.pickers import picker_of
from scaffolder.forms.repositories import Repository, read_repository
from scaffolder.forms.schemas import read_pages
from scaffolder.forms.validate import validate

HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "dev.azure.com": "azure", "bitbucket.org": "bitbucketCloud"}


def refused(field: str, value: Any, options: dict[str, Any] | None = None, *, whole: bool = False) -> list[str]:
    schema = {"title": "It", "ui:field": field, "ui:options": options or {}}
    pages = read_pages({"properties": {"a": schema}})
    return [error.message for error in validate({"a": value}, pages, hosts=HOSTS, whole_addresses=whole)]


@pytest.mark.parametrize("name", ["a", "A", "9", "a--b", "a_b.c", "x" * 63])
def test_it_takes_a_name(name: str) -> None:
    assert refused("EntityNamePicker", name) == []


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "é", "a\n", "x" * 64])
def test_it_refuses_a_name(name: str) -> None:
    assert len(refused("EntityNamePicker", name)) == 1


def test_it_takes_tags_and_refuses_others_by_name() -> None:
    assert refused("EntityTagsPicker", ["c++", "c#", "java:11", "a-b"]) == []
    (first, second) = refused("EntityTagsPicker", ["ok", "No", "a--b"])
    assert '"No" is no tag' in first
    assert '"a--b" is no tag' in second


ONLY_OURS = {"allowedHosts": ["github.com"], "allowedOwners": ["acme"], "allowedRepos": ["shop"]}


@pytest.mark.parametrize(
    ("address", "options", "words"),
    [
        ("github.com?owner=acme&repo=shop", ONLY_OURS, ""),
        ("GitHub.com:443?repo=shop&owner=%2Facme%2F", ONLY_OURS, ""),
        ("gitlab.com?owner=acme&repo=shop", ONLY_OURS, "must be on github.com, not on gitlab.com"),
        ("github.com?owner=evil&repo=shop", ONLY_OURS, "has the owner evil, but must have acme"),
        ("github.com?owner=evil&owner=acme&repo=shop", ONLY_OURS, "has the owner evil"),
        ("github.com?owner=acme&repo=other", ONLY_OURS, "has the repository other"),
        ("github.com?repo=shop", ONLY_OURS, "names no owner"),
        ("gitlab.com?project=7", {"allowedOwners": ["acme"]}, "names no owner"),
        ("unknown.test?repo=x", {"allowedOwners": ["acme"]}, "names no owner"),
        ("evil.test\\@github.com?owner=acme&repo=shop", ONLY_OURS, "is no repository address"),
        ("evil.test/@github.com?owner=acme&repo=shop", ONLY_OURS, "is no repository address"),
        ("x@github.com?owner=acme&repo=shop", ONLY_OURS, "is no repository address"),
        ("github.com#?owner=acme&repo=shop", ONLY_OURS, "is no repository address"),
        ("git%68ub.com?owner=acme&repo=shop", ONLY_OURS, "is no repository address"),
        ("github.com?owner=\tevil&owner=acme&repo=shop", ONLY_OURS, "is no repository address"),
        ("bitbucket.org?workspace=evil&project=p&repo=r", {"allowedOwners": ["w"]}, "has the workspace evil"),
        ("bitbucket.org?workspace=w&project=q&repo=r", {"allowedProjects": ["p"]}, "has the project q"),
        ("dev.azure.com?organization=o&project=p&repo=r", {"allowedOrganizations": ["x"]}, "has the organization o"),
        ("dev.azure.com?project=p&repo=r", {"allowedOwners": ["acme"]}, ""),
        ("anything at all", {}, ""),
        ("github.com?" + "&".join(["owner=acme"] * 60), ONLY_OURS, "is no repository address"),
    ],
)
def test_it_keeps_the_allow_lists_of_a_repository(address: str, options: dict[str, Any], words: str) -> None:
    found = refused("RepoUrlPicker", address, options)
    assert (found == []) if not words else words in found[0]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("github.com?owner=o&repo=r", ""),
        ("dev.azure.com?project=p&repo=r", ""),
        ("github.com?owner=o", "names no repository"),
        ("elsewhere.test?owner=o&repo=r", "no integration is configured"),
        ("anything at all", "is no repository address"),
    ],
)
def test_it_asks_for_a_whole_address_in_a_form(address: str, words: str) -> None:
    found = refused("RepoUrlPicker", address, whole=True)
    assert (found == []) if not words else words in found[0]


def test_it_keeps_rules_of_fields_inside_groups_and_lists() -> None:
    name = {"ui:field": "EntityNamePicker"}
    names = {"type": "object", "additionalProperties": name}
    properties = {
        "g": {"properties": {"n": name}, "additionalProperties": name},
        "l": {"type": "array", "items": name},
        "m": names,
    }
    found = validate(
        {"g": {"n": "-", "x": "-"}, "l": ["ok", "-"], "m": {"k": "-"}}, read_pages({"properties": properties})
    )
    assert [error.field for error in found] == ["g.n", "g.x", "l.1", "m.k"]


def test_it_keeps_rules_of_a_branch_that_does_not_apply() -> None:
    """Otherwise a value could be slipped past its allow-list by leaving its condition false."""
    picker = {"ui:field": "RepoUrlPicker", "ui:options": ONLY_OURS}
    pages = read_pages({"if": {"required": ["on"]}, "then": {"properties": {"repoUrl": picker}}})
    found = validate({"repoUrl": "github.com?owner=evil&repo=shop"}, pages)
    assert [error.field for error in found] == ["repoUrl"]


def test_it_takes_a_value_that_any_definition_allows() -> None:
    def branch(owner: str) -> dict[str, Any]:
        picker = {"ui:field": "RepoUrlPicker", "ui:options": {"allowedOwners": [owner]}}
        return {"properties": {"kind": {"const": owner}, "repoUrl": picker}}

    page = {"properties": {"kind": {}}, "dependencies": {"kind": {"oneOf": [branch("a"), branch("b")]}}}
    address = "github.com?owner=b&repo=r"
    assert validate({"kind": "b", "repoUrl": address}, read_pages(page)) == []
    assert validate({"repoUrl": address}, read_pages(page)) == []
    assert [error.field for error in validate({"kind": "a", "repoUrl": address}, read_pages(page))] == ["repoUrl"]


@pytest.mark.parametrize(
    ("schema", "filters", "allows_others"),
    [
        ({"ui:field": "OwnerPicker"}, ({"kind": ("Group", "User")},), True),
        ({"ui:field": "OwnerPicker", "ui:options": {"allowedKinds": ["Group"]}}, ({"kind": ("Group",)},), True),
        ({"ui:field": "MyGroupsPicker"}, ({"kind": ("Group",)},), False),
        (
            {
                "ui:field": "EntityPicker",
                "ui:options": {
                    "catalogFilter": [
                        {"kind": "API", "metadata.annotations.x": {"exists": True}},
                        {"spec.type": ["a", "b"]},
                    ],
                    "allowArbitraryValues": False,
                },
            },
            ({"kind": ("API",), "metadata.annotations.x": None}, {"spec.type": ("a", "b")}),
            False,
        ),
        ({"ui:field": "EntityPicker"}, (), True),
        (
            {
                "ui:field": "OwnedEntityPicker",
                "ui:options": {"allowedKinds": ["API"], "catalogFilter": {"spec.type": "x"}},
            },
            ({"spec.type": ("x",), "kind": ("API",)},),
            True,
        ),
    ],
)
def test_it_describes_what_a_picker_offers(schema: Any, filters: Any, allows_others: bool) -> None:
    picker = picker_of(schema)
    assert picker is not None
    assert (picker.filters, picker.allows_others) == (filters, allows_others)


def test_it_describes_no_picker_for_other_fields() -> None:
    assert picker_of({"ui:field": "Elsewhere"}) is None
    assert picker_of({}) is None


def test_it_reads_and_writes_an_address() -> None:
    repository = read_repository("gitlab.com?owner=a%2Fb&repo=r%20s")
    assert repository == Repository(host="gitlab.com", owner="a/b", repo="r s")
    assert repository.address() == "gitlab.com?owner=a%2Fb&repo=r+s"
    assert Repository().address() == ""


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Team-A", "group:default/team-a"),
        ("ns/Team", "group:ns/team"),
        ("user:Alice", "user:default/alice"),
        ("a/b:c", "group:a/b:c"),
        ("user:", "user:"),
    ],
)
def test_it_completes_a_typed_reference(text: str, whole: str) -> None:
    assert whole_reference(text, "Group") == whole


def test_it_leaves_a_reference_without_kind_alone() -> None:
    assert whole_reference("team-a") == "team-a"
    assert whole_reference("api:x", default_namespace="ns") == "api:ns/x"
