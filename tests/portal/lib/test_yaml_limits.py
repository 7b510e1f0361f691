"""Limits of the YAML reader: hostile texts cost little and are named as what they are."""

from __future__ import annotations

import pytest

from portal.lib.errors import TooLarge
from portal.lib.yaml import Limits, load, load_documents


def laughs(levels: int) -> str:
    """The billion laughs: each level repeats the one before it ten times."""
    lines = ["l0: &l0 [" + ", ".join(["lol"] * 10) + "]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_it_refuses_a_billion_laughs() -> None:
    (document,) = load_documents(laughs(9))
    assert document.error is not None
    assert document.error.exceeds
    assert "the aliases repeat more than 100,000 values" in str(document.error)


def test_it_takes_modest_aliases() -> None:
    assert len(load(laughs(3))) == 3  # type: ignore[arg-type]


def test_it_counts_each_document_alone() -> None:
    text = "a: &a [1, 2]\nb: *a\n---\na: &a [1, 2, 3]\nb: *a\n---\na: &a [1, 2]\nb: *a\n"
    documents = load_documents(text, limits=Limits(expanded=3))
    assert [document.error is None for document in documents] == [True, False, True]


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, "a: [" + "[" * 98 + "]" * 99, "- " * 99 + "a: b"])
def test_it_reads_down_to_the_limit(text: str) -> None:
    assert load(text) is not None


@pytest.mark.parametrize("text", ["[" * 101 + "]" * 101, "[" * 100_000, "- " * 101 + "a", "{a: " * 101 + "}" * 101])
def test_it_refuses_deep_nesting(text: str) -> None:
    with pytest.raises(TooLarge, match="nested more than 100 levels deep"):
        load(text)


def test_it_refuses_nesting_that_aliases_make() -> None:
    chain = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 120))
    with pytest.raises(TooLarge, match="nested more than 100 levels deep"):
        load(chain)


def test_it_refuses_too_many_bytes() -> None:
    with pytest.raises(TooLarge, match="The text has 13 bytes; at most 10 are read"):
        load_documents("a: äää\nb: ", limits=Limits(size=10))
    with pytest.raises(TooLarge):
        load_documents(b"a: 123456789", limits=Limits(size=10))


def test_it_refuses_too_many_documents() -> None:
    assert len(load_documents("---\n" * 3, limits=Limits(documents=3))) == 3
    with pytest.raises(TooLarge, match="more than 3 documents"):
        load_documents("---\n" * 4, limits=Limits(documents=3))


def test_it_refuses_too_many_values() -> None:
    with pytest.raises(TooLarge, match="the text holds more than 10 values"):
        load("[[1, 2, 3], [4, 5, 6], [7, 8, 9], [0]]", limits=Limits(nodes=10))
