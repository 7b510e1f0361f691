"""Files that stand in entities by their address."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.entities.placeholders import has_placeholders, substitute
from catalog.entities.refs import LocationRef
from catalog.entities.refusals import Reason
from portal.lib.errors import NotFound
from tests.catalog.entities.samples import entity

BASE = LocationRef("url", "https://github.com/acme/shop/blob/main/apps/catalog-info.yaml")
FILES = {
    "url:https://github.com/acme/shop/tree/main/apps/api.json": b'{"openapi": "3.0.0", "n": [1, 2.5]}',
    "url:https://github.com/acme/shop/tree/main/docs/text.txt": "Gr\u00fc\u00dfe\n".encode(),
    "url:https://github.com/acme/shop/tree/main/apps/two.yaml": b"a: 1\n---\nb: 2\n",
    "url:https://github.com/acme/shop/tree/main/apps/bad.yaml": b"a: 1\na: 2\n",
    "url:https://github.com/acme/shop/tree/main/apps/value.yaml": b"on: yes\n",
    "url:https://example.com/spec.txt": b"from elsewhere",
    "file:/srv/catalog/docs/x.txt": b"a file",
}


def read(location: LocationRef) -> bytes:
    """A reader of the few files above."""
    if str(location) not in FILES:
        raise NotFound("there is no such file.")
    return FILES[str(location)]


def value_of(written: Any, base: LocationRef = BASE) -> Any:
    """What ``spec.field`` becomes."""
    substituted = substitute(entity(field=written), base, read)
    assert substituted.refusals == []
    return substituted.entity["spec"]["field"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"$text": "./api.json"}, '{"openapi": "3.0.0", "n": [1, 2.5]}'),
        ({"$text": "../docs/text.txt"}, "Gr\u00fc\u00dfe\n"),
        ({"$text": "/docs/text.txt"}, "Gr\u00fc\u00dfe\n"),
        ({"$text": "https://example.com/spec.txt"}, "from elsewhere"),
        ({"$json": "api.json"}, {"openapi": "3.0.0", "n": [1, 2.5]}),
        ({"$yaml": "value.yaml"}, {"on": "yes"}),
        ([{"deep": {"$text": "https://example.com/spec.txt"}}], [{"deep": "from elsewhere"}]),
    ],
)
def test_it_puts_in_what_the_file_holds(written: Any, value: Any) -> None:
    assert value_of(written) == value


@pytest.mark.parametrize(
    "written",
    [
        {"$text": "./api.json", "more": 1},
        {"$unknown": "x"},
        {"$unknown": {"$text": "./api.json"}},
        {"$x": 1, "inner": {"$text": "./missing"}},
        {"a": [1, None, "$text"]},
    ],
)
def test_it_leaves_alone_what_is_no_placeholder(written: Any) -> None:
    assert value_of(written) == written
    assert not has_placeholders(entity(field=written))


def test_it_reads_files_beside_files() -> None:
    base = LocationRef("file", "/srv/catalog/info.yaml")
    assert value_of({"$text": "./docs/x.txt"}, base) == "a file"
    assert value_of({"$text": "https://example.com/spec.txt"}, base) == "from elsewhere"


def test_it_knows_what_cannot_be_judged_without_files() -> None:
    assert has_placeholders(entity(a=[{"b": {"$openapi": "x"}}]))
    assert not has_placeholders(entity())


def test_it_tells_what_it_depends_on_once() -> None:
    document = entity(a={"$text": "./api.json"}, b={"$json": "./api.json"}, c={"$text": "https://example.com/spec.txt"})
    assert substitute(document, BASE, read).refresh_keys == [
        "url:https://github.com/acme/shop/tree/main/apps/api.json",
        "url:https://example.com/spec.txt",
    ]


@pytest.mark.parametrize(
    ("written", "reason", "words"),
    [
        (
            {"$text": "./missing.txt"},
            Reason.UNREACHABLE,
            "spec.field cannot read ./missing.txt: there is no such file.",
        ),
        ({"$text": "../../../x"}, Reason.UNREACHABLE, "leads out of its repository"),
        ({"$text": "javascript:x"}, Reason.UNREACHABLE, "javascript: address"),
        ({"$text": 5}, Reason.SCHEMA, "spec.field has a $text without an address"),
        ({"$json": "two.yaml"}, Reason.SCHEMA, "spec.field cannot use two.yaml: it is not JSON"),
        ({"$yaml": "two.yaml"}, Reason.SCHEMA, "holds 2 YAML documents; exactly one is expected"),
        ({"$yaml": "bad.yaml"}, Reason.SCHEMA, "line 2, column 1: the key 'a' stands more than once"),
        (
            {"$text": "https://github.com/acme/secrets/blob/main/x"},
            Reason.UNREACHABLE,
            "may only name files of the repository in which it stands",
        ),
    ],
)
def test_it_says_why_a_file_cannot_be_used(written: Any, reason: Reason, words: str) -> None:
    substituted = substitute(entity(field=written), BASE, read)
    (refusal,) = substituted.refusals
    assert refusal.reason is reason
    assert words in str(refusal)
    assert substituted.entity["spec"]["field"] == written


def test_it_takes_the_raw_address_of_the_same_repository() -> None:
    address = "url:https://raw.githubusercontent.com/acme/shop/main/x.txt"
    substituted = substitute(
        entity(field={"$text": address.removeprefix("url:")}), BASE, lambda location: str(location).encode()
    )
    assert substituted.entity["spec"]["field"] == address


@pytest.mark.parametrize("levels", [150, 5000])
def test_it_refuses_json_that_is_too_deep(levels: int) -> None:
    substituted = substitute(entity(field={"$json": "x"}), BASE, lambda _location: b"[" * levels + b"]" * levels)
    assert substituted.refusals[0].reason is Reason.SCHEMA
