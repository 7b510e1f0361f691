"""The forms of names, keys and addresses."""

from __future__ import annotations

import pytest

from catalog.entities import formats
from catalog.entities.formats import Format

LONG, TOO_LONG = "x" * 63, "x" * 64
PREFIX_253 = ".".join(["a" * 63] * 3 + ["a" * 61])

GOOD: list[tuple[Format, list[str]]] = [
    (formats.NAME, ["a", "A", "a--b", "a_b.c", "9", "a._-b", LONG]),
    (formats.NAMESPACE, ["a", "a--b", "a1", "1", LONG]),
    (formats.TAG, ["c++", "c#", "java:11", "a-b", ":", LONG]),
    (formats.LABEL_VALUE, ["", "x", "A.b"]),
    (formats.KEY, ["x", "example.com/x", "a.b-c.d/A_b.c", f"{PREFIX_253}/x"]),
    (formats.KIND, ["X", "xY2", LONG]),
    (formats.API_VERSION, ["v1", "backstage.io/v1alpha1", "1", f"a/{LONG}"]),
    (
        formats.URL,
        ["https://example.com", "mailto:a@b.c", "slack:x", "http://[::1]:80/", "https://h/${{ x }}", "http:x"],
    ),
    (formats.NOT_BLANK, ["x", " x "]),
]
BAD: list[tuple[Format, list[str]]] = [
    (formats.NAME, ["", "-a", "a-", "a b", TOO_LONG, "ä", "a\n", "_a", "a/b"]),
    (formats.NAMESPACE, ["", "Abc", "a.b", "a_b", "-a", "a-", TOO_LONG, "a\n"]),
    (formats.TAG, ["", "C", "a_b", "a.b", "a--b", "-a", "a-", "a b", TOO_LONG, "a\n"]),
    (formats.LABEL_VALUE, ["a b", "-", TOO_LONG]),
    (formats.KEY, ["", "a/b/c", "Example.com/x", "/x", "x/", "a..b/x", "a_b/x", f"{PREFIX_253}a/x", "-"]),
    (formats.KIND, ["", "2x", "x-y", TOO_LONG, "x\n"]),
    (formats.API_VERSION, ["", "a/b/c", "x/v-1", "/v1", "v1/", "A/v1", f"a/{TOO_LONG}"]),
    (
        formats.URL,
        ["", "example.com", "//h/x", "/x", "https:", "http://a b", "http://x:99999", "http://1.2.3.999", "1:x"],
    ),
    (formats.NOT_BLANK, ["", " \t\n"]),
]


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in GOOD for text in texts])
def test_it_takes_what_has_the_form(form: Format, text: str) -> None:
    assert form.matches(text)


@pytest.mark.parametrize(("form", "text"), [(form, text) for form, texts in BAD for text in texts])
def test_it_refuses_what_has_not(form: Format, text: str) -> None:
    assert not form.matches(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("  https://a.b\n", True),
        ("ht\ntp://a", True),
        ("HTTP:\\\\a", True),
        ("https://user:pw@h:8080/x?y#z", True),
        ("https://日本.jp/", True),
        ("http://0x7f.1", True),
        ("http://4294967295", True),
        ("http://4294967296", False),
        ("http://1.2.3.4.5", False),
        ("http://08", False),
        ("http://%", False),
        ("http://%41.b", True),
        ("http://a%20b", False),
        ("http://a..b", True),
        ("http://a.b./", True),
        ("http://1.2.3.4.", True),
        ("http://1.2.3.400.", False),
        ("http://:80", False),
        ("http://a:x", False),
        ("http://[::1", False),
        ("http://[x]", False),
        ("http://[fe80::1%eth0]", False),
        ("foo://", True),
        ("foo://a b/", False),
        ("foo://a:b/", False),
        ("file:///x", True),
        ("data:,", True),
        ("urn:", True),
        ("a-b.c+1:x", True),
        ("-a:x", False),
    ],
)
def test_it_judges_addresses_as_browsers_do(text: str, is_one: bool) -> None:
    assert formats.URL.matches(text) is is_one
