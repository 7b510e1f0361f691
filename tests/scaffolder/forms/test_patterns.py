from __future__ import annotations

import time

import pytest

from scaffolder.forms.patterns import acceptable_pattern, explain_pattern
from scaffolder.forms.schemas import read_pages
from scaffolder.forms.validate import validate


def accepts(pattern: str, text: str) -> bool:
    return not validate({"a": text}, read_pages({"properties": {"a": {"pattern": pattern}}}))


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"^[\w-.]+$", "a-b.c", "a b"),
        (r"^{x}$", "{x}", "x"),
        (r"^a{,2}$", "a{,2}", "aa"),
        (r"^[^]$", "\n", ""),
        (r"^[\d-x]$", "-", "e"),
        (r"^\_\-\#$", "_-#", "_"),
        (r"^\/a$", "/a", "a"),
        (r"^(?!.*--)[a-z-]+$", "a-b", "a--b"),
        (r"^(?<year>\d{4})$", "2024", "٢٠٢٤"),
        (r"^]$", "]", "x"),
        (r"^\h{$", "h{", "x{"),
        (r"^a{2}{$", "aa{", "a{"),
        (r"^([]|x)$", "x", ""),
        (r"^[\b]$", "\b", "b"),
        (r"^[\h]{$", "h{", "x{"),
    ],
)
def test_it_means_what_javascript_means(pattern: str, matching: str, other: str) -> None:
    assert accepts(pattern, matching)
    assert not accepts(pattern, other)


def test_it_keeps_a_pattern_that_is_wrong_for_everybody() -> None:
    assert acceptable_pattern("(a") == "(a"


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(a|a)*(?!b)$", r"^(?=a)(a|aa)+$", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_it_does_not_hang_on_a_pattern_with_too_many_ways(pattern: str) -> None:
    started = time.perf_counter()
    assert not accepts(pattern, "a" * 5000 + "!")
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("^[a-z0-9-]+$", 'lower-case letters, digits and "-"'),
        ("^[a-z]([-a-z0-9]*[a-z0-9])?$", 'lower-case letters, digits and "-"'),
        (r"^\d{12}$", "digits"),
        (r"^[\w.]+$", 'letters, digits, "_" and "."'),
        (r"^[A-Z]+\s[A-Z]+$", "upper-case letters and spaces"),
        ("^(dev|prod)$", ""),
        ("^v[0-9]+$", ""),
        ("^.*$", ""),
        ("^(?!x)[a-z]+$", ""),
        ("^[^a]$", ""),
        ("^[a-f0-9]+$", ""),
    ],
)
def test_it_explains_a_simple_pattern(pattern: str, words: str) -> None:
    assert explain_pattern(pattern) == words
