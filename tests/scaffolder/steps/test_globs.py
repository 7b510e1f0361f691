"""Patterns over paths."""

from __future__ import annotations

import time

import pytest

from portal.lib.errors import Invalid
from portal.lib.paths import Entry
from scaffolder.steps.globs import is_glob, matches, select


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("a.txt", "a.txt", True),
        ("a.txt", "A.txt", False),
        ("*.txt", "a.txt", True),
        ("*.txt", "b/a.txt", False),
        ("**/*.txt", "a.txt", True),
        ("**/*.txt", "b/c/a.txt", True),
        ("b/**", "b/c/a.txt", True),
        ("b/*", "b/c/a.txt", False),
        ("b/**/a.txt", "b/a.txt", True),
        ("b/**/a.txt", "c/a.txt", False),
        ("?.txt", "ab.txt", False),
        ("[ab].txt", "b.txt", True),
        ("[!ab].txt", "b.txt", False),
        ("[^ab].txt", "c.txt", True),
        ("{a,b}/*.{md,txt}", "b/x.md", True),
        ("{a,b}/*.{md,txt}", "c/x.md", False),
        (r"\*.txt", "*.txt", True),
        (r"\*.txt", "a.txt", False),
        ("a+b(c).txt", "a+b(c).txt", True),
        ("*", ".hidden", False),
        (".*", ".hidden", True),
        ("**/x", ".git/x", False),
        ("", "a", False),
    ],
)
def test_it_covers_what_the_pattern_says(pattern: str, path: str, covered: bool) -> None:
    assert matches(pattern, path, dot=False) is covered


def test_it_covers_hidden_names_when_told_to() -> None:
    assert matches("**/*", ".git/.x", dot=True)


def entry(path: str, kind: str = "file") -> Entry:
    """One thing in a folder."""
    return Entry(path, kind, 1, 0o644)  # type: ignore[arg-type]


def test_it_takes_a_folder_for_all_of_it_and_leaves_out_what_is_excluded() -> None:
    entries = [entry("raw", "folder"), entry("raw/a"), entry("raw/deep/b"), entry("rawer"), entry("c.png")]
    assert select(entries, ["raw"], dot=True) == {"raw/a", "raw/deep/b", "raw"}
    assert select(entries, ["./raw/", "*.png", "!raw/deep/**"], dot=True) >= {"raw/a", "c.png"}
    assert "raw/deep/b" not in select(entries, ["raw", "!raw/deep/**"], dot=True)


def test_it_is_quick_with_hostile_patterns() -> None:
    began = time.process_time()
    assert not matches("*a" * 200 + "b", "a" * 255, dot=True)
    assert not matches("**/" * 200 + "b", "a/" * 100 + "c", dot=True)
    assert time.process_time() - began < 3


@pytest.mark.parametrize("pattern", ["x" * 2000, "{a,b}" * 10])
def test_it_refuses_absurd_patterns(pattern: str) -> None:
    with pytest.raises(Invalid, match="pattern"):
        matches(pattern, "a", dot=True)


def test_it_knows_a_pattern_from_a_name() -> None:
    assert [is_glob(text) for text in ("a/b.txt", "a/*.txt", "a?", "[id]", "{a,b}")] == [False, True, True, True, True]
