"""Where entities come from."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.globs import glob_matches, is_glob
from catalog.entities.locations import (
    EDIT_URL,
    MANAGED_BY,
    MANAGED_BY_ORIGIN,
    SOURCE,
    VIEW_URL,
    annotate,
    generated_location,
    generated_name,
    generated_ref,
    location_targets,
    resolve_target,
)
from catalog.entities.refs import LocationRef
from catalog.entities.validation import validate
from portal.lib.errors import Invalid
from tests.catalog.entities.samples import entity

GITHUB = LocationRef("url", "https://github.com/acme/shop/blob/main/apps/info.yaml")
PLAIN = LocationRef("url", "https://files.example.com/a/b.yaml?x=1")
FILE = LocationRef("file", "/srv/catalog/info.yaml")


def test_it_names_locations_by_their_hash() -> None:
    location = LocationRef("url", "https://example.com/a.yaml")
    assert generated_name(location) == "generated-17fb6f13ffb6251438be1e4f37c6482b83ede45c"
    assert generated_ref(location) == f"location:default/{generated_name(location)}"


def test_it_makes_a_valid_root_entity() -> None:
    root = generated_location(GITHUB, "optional")
    assert validate(root) == []
    assert root["spec"] == {"type": "url", "target": GITHUB.target, "presence": "optional"}
    assert root["metadata"]["annotations"] == {MANAGED_BY: str(GITHUB), MANAGED_BY_ORIGIN: str(GITHUB)}


@pytest.mark.parametrize(
    ("target", "base", "resolved"),
    [
        ("./x.yaml", GITHUB, "url:https://github.com/acme/shop/tree/main/apps/x.yaml"),
        ("../y/x.yaml", GITHUB, "url:https://github.com/acme/shop/tree/main/y/x.yaml"),
        ("/x.yaml", GITHUB, "url:https://github.com/acme/shop/tree/main/x.yaml"),
        ("./**/*.yaml", GITHUB, "url:https://github.com/acme/shop/tree/main/apps/**/*.yaml"),
        ("https://h/x", GITHUB, "url:https://h/x"),
        ("c.yaml", PLAIN, "url:https://files.example.com/a/c.yaml"),
        ("./x.yaml", FILE, "file:/srv/catalog/x.yaml"),
        ("sub/x.yaml", FILE, "file:/srv/catalog/sub/x.yaml"),
        ("../x.yaml", FILE, "file:/srv/x.yaml"),
        ("/etc/x.yaml", FILE, "file:/etc/x.yaml"),
    ],
)
def test_it_resolves_targets(target: str, base: LocationRef, resolved: str) -> None:
    assert str(resolve_target(target, base)) == resolved


def test_it_takes_targets_of_another_type_as_they_stand() -> None:
    assert resolve_target("./x", FILE, "url") == LocationRef("url", "./x")
    with pytest.raises(Invalid):
        resolve_target("javascript:x", GITHUB)


def test_it_lists_what_a_location_points_at() -> None:
    targets = location_targets(entity("Location", target="./a.yaml", targets=["./b.yaml", "./c/"]), FILE)
    assert [str(location) for location in targets.locations] == ["file:/srv/catalog/a.yaml", "file:/srv/catalog/b.yaml"]
    (refusal,) = targets.refusals
    assert str(refusal).startswith('spec.targets[1] names a folder: "./c/"')
    assert not targets.optional


def test_it_reads_type_and_presence() -> None:
    targets = location_targets(entity("Location", type="url", target="https://h/x", presence="optional"), FILE)
    assert targets.locations == [LocationRef("url", "https://h/x")]
    assert targets.optional
    assert location_targets(entity("Location"), FILE).locations == []


def test_it_refuses_targets_outside_of_the_repository() -> None:
    (refusal,) = location_targets(entity("Location", target="../../../x"), GITHUB).refusals
    assert "leads out of its repository" in str(refusal)


@pytest.mark.parametrize(
    ("target", "edit", "source"),
    [
        (
            GITHUB.target,
            "https://github.com/acme/shop/edit/main/apps/info.yaml",
            "https://github.com/acme/shop/tree/main/apps/",
        ),
        (
            "https://github.com/a/b/blob/main/x.yaml",
            "https://github.com/a/b/edit/main/x.yaml",
            "https://github.com/a/b/tree/main/",
        ),
        (
            "https://gitlab.com/g/s/r/-/blob/main/x.yaml",
            "https://gitlab.com/g/s/r/-/edit/main/x.yaml",
            "https://gitlab.com/g/s/r/-/blob/main/",
        ),
        (
            "https://gitea.h/a/b/src/branch/main/d/x.yaml",
            "https://gitea.h/a/b/_edit/branch/main/d/x.yaml",
            "https://gitea.h/a/b/src/branch/main/d/",
        ),
        (
            "https://bitbucket.org/a/b/src/main/x.yaml",
            "https://bitbucket.org/a/b/src/main/x.yaml?mode=edit&at=main",
            "https://bitbucket.org/a/b/src/main/",
        ),
        (f"https://github.com/a/b/blob/{'0a' * 20}/x.yaml", None, f"https://github.com/a/b/tree/{'0a' * 20}/"),
        (PLAIN.target, None, None),
        ("ftp://files.example.com/x.yaml", None, None),
        (
            "https://git.h/projects/A/repos/b/browse/d/x.yaml?at=main",
            "https://git.h/projects/A/repos/b/browse/d/x.yaml",
            "https://git.h/projects/A/repos/b/browse/d/?at=main",
        ),
    ],
)
def test_it_tells_where_people_see_and_edit_an_entity(target: str, edit: str | None, source: str | None) -> None:
    annotations = annotate(entity(), LocationRef("url", target), GITHUB)["metadata"]["annotations"]
    assert annotations[VIEW_URL] == target
    assert annotations.get(EDIT_URL) == edit
    assert annotations.get(SOURCE) == (source and f"url:{source}")
    assert annotations[MANAGED_BY] == f"url:{target}"
    assert annotations[MANAGED_BY_ORIGIN] == str(GITHUB)


def test_it_keeps_what_the_entity_says_but_for_its_origin() -> None:
    own = {
        VIEW_URL: "https://mine",
        EDIT_URL: "https://mine/edit",
        SOURCE: "url:https://mine/",
        MANAGED_BY: "url:forged",
        "a": "b",
    }
    document = entity(metadata={"annotations": own})
    annotations = annotate(document, GITHUB, GITHUB)["metadata"]["annotations"]
    assert annotations == {**own, MANAGED_BY: str(GITHUB), MANAGED_BY_ORIGIN: str(GITHUB)}
    assert document["metadata"]["annotations"] is own


def test_it_says_little_about_files() -> None:
    assert annotate(entity(), FILE, FILE)["metadata"]["annotations"] == {
        MANAGED_BY: str(FILE),
        MANAGED_BY_ORIGIN: str(FILE),
    }


@pytest.mark.parametrize("nothing", [None, "", False])
def test_it_takes_empty_annotations_for_none(nothing: Any) -> None:
    annotated = annotate(entity(metadata={"annotations": nothing}), FILE, FILE)
    assert validate(annotated) == []


@pytest.mark.parametrize("wrong", [[], "text", 5])
def test_it_leaves_annotations_that_are_none_to_the_examination(wrong: Any) -> None:
    annotated = annotate(entity(metadata={"annotations": wrong}), FILE, FILE)
    assert [refusal.path for refusal in validate(annotated)] == ["metadata.annotations"]


@pytest.mark.parametrize(
    ("location", "is_one"),
    [
        (LocationRef("url", "https://h/a/*.yaml"), True),
        (LocationRef("url", "https://h/a.yaml?x=*"), False),
        (LocationRef("url", "https://h/a.yaml"), False),
        (LocationRef("file", "/a/{b,c}.yaml"), True),
        (LocationRef("file", "/a/b.yaml"), False),
    ],
)
def test_it_knows_patterns(location: LocationRef, is_one: bool) -> None:
    assert is_glob(location) is is_one


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("https://github.com/org/*/blob/master/template.yaml", "https://github.com/ORG/repo/blob/master/template.yaml"),
        ("https://github.com/org/**", "https://github.com/org/a/b/c.yaml"),
        ("a/**/c", "a/c"),
        ("a/**/c", "a/b/b/c"),
        ("**/x.yaml", "x.yaml"),
        ("a/*", "a/.hidden"),
        ("a?c", "abc"),
        ("a*c", "ac"),
        ("a*c", "a.b.c"),
        ("[a-c]x", "bx"),
        ("[!a]x", "bx"),
        ("{a,b}/{1..3}", "b/2"),
        ("{a,{b,c}}", "c"),
        ("{3..1}", "2"),
        ("{a}", "{a}"),
        ("a\\*", "a*"),
        ("!a", "b"),
        ("!!a", "a"),
        ("a//b", "a/b"),
        ("[", "["),
        ("a.b", "a.b"),
    ],
)
def test_it_matches_patterns(pattern: str, text: str) -> None:
    assert glob_matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a/*", "a/b/c"),
        ("a/*", "a/"),
        ("*", "a/b"),
        ("a?c", "a/c"),
        ("[!a]x", "/x"),
        ("a.b", "axb"),
        ("a", "ab"),
        ("#a", "#a"),
        ("!a", "a"),
        ("a/**/c", "ac"),
    ],
)
def test_it_does_not_match_more(pattern: str, text: str) -> None:
    assert not glob_matches(pattern, text)


def test_it_bounds_the_alternatives_of_a_pattern() -> None:
    assert not glob_matches("{a,b}" * 40, "x")
