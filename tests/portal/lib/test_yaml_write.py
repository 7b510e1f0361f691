"""Writing YAML: whatever is written is read back, by readers of either version."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from portal.lib.errors import Invalid
from portal.lib.yaml import dump, load, number_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
WORDS = [
    "yes",
    "No",
    "on",
    "off",
    "y",
    "1e3",
    "0o7",
    "0x1F",
    "1:30",
    "2024-05-06",
    "~",
    "null",
    "",
    "=",
    "<<",
    ".inf",
    "1_000",
]


@given(VALUES)
@example({"a": " x\n\ty\n", "b": "\n", "c": "x \n\n", "d": "\u2028", "e": "🚀", "f": "\ue000", "g": "---\n...\n"})
def test_it_reads_back_what_it_wrote(value: object) -> None:
    assert load(dump(value)) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("word", WORDS)
def test_it_quotes_words_that_either_version_would_take_for_something_else(word: str) -> None:
    text = dump({"key": word})
    assert load(text) == yaml.safe_load(text) == {"key": word}


def test_it_writes_for_people() -> None:
    value = {
        "name": "demo 🚀",
        "text": "one\ntwo\n",
        "tags": ["a", "b"],
        "long": "word " * 60 + "end",
        "same": [{"a": 1}] * 2,
    }
    text = dump(value)  # type: ignore[arg-type]
    assert text.startswith("name: demo 🚀\ntext: |\n  one\n  two\ntags:\n- a\n- b\nlong: word word")
    assert "&" not in text
    assert text.count("\n") == 11


def test_it_reads_back_infinities() -> None:
    assert load(dump([math.inf, -math.inf])) == [math.inf, -math.inf]


def test_it_refuses_what_yaml_cannot_hold() -> None:
    with pytest.raises(Invalid, match="half a character"):
        dump({"a": "\ud800"})
    with pytest.raises(Invalid, match="cannot be written as YAML"):
        dump({"a": object()})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (-12.5, "-12.5"),
        (1e16, "10000000000000000"),
        (1e20, "100000000000000000000"),
        (1.5e21, "1.5e+21"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1.25e-7, "1.25e-7"),
        (123456.789, "123456.789"),
        (5e-324, "5e-324"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_it_prints_numbers_as_javascript_does(value: float, text: str) -> None:
    assert number_text(value) == text
