"""Reading YAML: the 1.2 core schema, documents judged alone, mistakes named with their place."""

from __future__ import annotations

import math
from typing import Any

import pytest

from portal.lib.errors import Invalid
from portal.lib.yaml import Document, load, load_documents


def read(text: str) -> Any:
    """The one value in ``text``, as loosely typed as tests like it."""
    return load(text)


def problem(text: str | bytes) -> str:
    """The only problem in ``text``."""
    (document,) = [document for document in load_documents(text) if document.error]
    return str(document.error)


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "y", "n", "1:30", "2024-05-06", "1_000", "0b11", "0o8", "1e", "<<"]
)
def test_it_takes_words_of_yaml_1_1_for_texts(text: str) -> None:
    assert load(f"key: {text}") == {"key": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("07", 7),
        ("0o17", 15),
        ("0xfF", 255),
        ("+12", 12),
        ("-1.5e3", -1500.0),
        (".5", 0.5),
        ("1.", 1.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("12345678901234567890123", 12345678901234567890123),
        ("9" * 400, math.inf),
    ],
)
def test_it_reads_the_core_schema(text: str, value: object) -> None:
    found = read(f"key: {text}")["key"]
    assert (found, type(found)) == (value, type(value))


def test_it_reads_not_a_number() -> None:
    assert math.isnan(read("[.nan]")[0])


@pytest.mark.parametrize("text", ['"12"', "'true'", "!!str 12", "! 12", "|-\n  12", "!custom 12", "!!binary 12"])
def test_it_keeps_quoted_and_tagged_texts(text: str) -> None:
    assert load(f"key: {text}") in ({"key": "12"}, {"key": "true"})


@pytest.mark.parametrize(
    ("text", "value"), [('!!int "12"', 12), ("!!float 1", 1.0), ("!!int no", "no"), ("!!bool 1", "1")]
)
def test_it_follows_tags_of_the_core_schema(text: str, value: object) -> None:
    assert load(f"key: {text}") == {"key": value}


def test_it_never_builds_objects_from_tags() -> None:
    assert load("!!python/object/apply:os.system ['true']") == ["true"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1: x", "1"),
        ("1.0: x", "1"),
        ("null: x", ""),
        ("true: x", "true"),
        ("0x10: x", "16"),
        ("[a, 1]: x", "[ a, 1 ]"),
        ("{}: x", "{}"),
        ("[]: x", "[]"),
        ("{a: [~, 'b, c']}: x", '{ a: [ null, "b, c" ] }'),
        ("{a: \"it's\", b: '\"'}: x", "{ a: it's, b: '\"' }"),
        ("{a: 'say \"x\", y', b: false}: x", "{ a: 'say \"x\", y', b: false }"),
    ],
)
def test_it_turns_keys_into_texts(text: str, key: str) -> None:
    assert load(text) == {key: "x"}


def test_it_reads_an_unquoted_expression_as_a_mapping() -> None:
    assert load("host: {{ name }}") == {"host": {"{ name }": None}}


def test_it_does_not_merge() -> None:
    assert load("a: &a {x: 1}\nb: {<<: *a, y: 2}") == {"a": {"x": 1}, "b": {"<<": {"x": 1}, "y": 2}}


def test_it_repeats_aliases_without_sharing() -> None:
    value = read("a: &a [1, {b: 2}]\nc: *a\nd: &d text\ne: *d")
    assert value == {"a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": "text", "e": "text"}
    assert value["a"] is not value["c"]
    assert value["a"][1] is not value["c"][1]


def test_it_counts_documents_and_lines() -> None:
    text = "# head\n%YAML 1.2\n---\na: 1\n---\n# nothing\n---\n\nb: 2\n...\n# between\n---\nc\n...\n"
    assert load_documents(text) == [
        Document(0, 4, {"a": 1}),
        Document(1, 7, None),
        Document(2, 9, {"b": 2}),
        Document(3, 13, "c"),
    ]


def test_it_reads_a_document_without_a_marker_after_one_that_ended() -> None:
    assert [document.value for document in load_documents("a: 1\n...\nb: 2\n")] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("text", ["", "\n \n", "# only a comment\n", "...\n", b"\xef\xbb\xbf"])
def test_it_finds_no_document_in_nothing(text: str | bytes) -> None:
    assert load_documents(text) == []
    assert load(text) is None


def test_it_reads_what_stands_around_a_broken_document() -> None:
    documents = load_documents('a: 1\n---\nb: "open\n---\nc: 3\n---\nd: [1\n---\ne: 5\n')
    assert [document.value for document in documents] == [{"a": 1}, None, {"c": 3}, None, {"e": 5}]
    assert [document.error is not None for document in documents] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands more than once"),
        ("\n\ntitle: a: b\n", "line 3, column 9: a colon followed by a space cannot stand here"),
        ("a:\n\t- b\n", "line 2, column 1"),
        ("a: *missing\n", "line 1, column 4: the alias *missing names an anchor that is not set before it"),
        ("a: &a [*a]\n", "line 1, column 8: the alias *a stands inside the value that it repeats"),
        ("x: 1\n---\na: [1, 2\nb: 3\n", "line 4, column 2: the list in square brackets misses a comma"),
        ("a: {b: 1\n", "the mapping in braces misses a comma"),
        ("a: @b\n", "line 1, column 4: a text cannot begin with this character"),
        ("a: 'b\n", "line 1, column 4: the file ends inside a text in quotes; close the quotes"),
        ('a: "b" c\n', "line 1, column 8"),
        ("- a\nb\n", "line 2, column 1: this line of a mapping has no colon"),
        ("- a\nb: c\n", "line 2, column 1: this stands in a list but begins without a dash"),
        ('a: "\\q"\n', "this escape is unknown"),
        ("a: \x07\n", "line 1, column 4: the control character U+0007 is not allowed"),
        ("a: b\nc: \x00\n", "line 2, column 4: the control character U+0000 is not allowed; is this a text file?"),
        ('a: "b\nc"\n', "line 2, column 1: the text in quotes goes on here"),
        ("a: {\nb: 1}\n", "line 2, column 1: what stands in brackets goes on here"),
        ("a: [\n  b,\nc\n  ]\n", "line 3, column 1: what stands in brackets goes on here"),
        ("a: 1\n]\n", "line 2, column 1"),
        ("{a: b}\n{c: d}\n", "line 2, column 1"),
    ],
)
def test_it_says_what_is_wrong_and_where(text: str, words: str) -> None:
    assert words in problem(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: {\n  b: 1\n}\n",
        "a: [\n# note\n  1\n]\n",
        'a: "b\n  c"\n',
        '"b\nc"\n',
        "[\n1]\n",
        "a:\n- 'b\n  c'\n",
        "a: [\n\n  1]\n",
    ],
)
def test_it_reads_what_goes_on_to_the_right_of_its_key(text: str) -> None:
    assert load(text) is not None


def test_it_forgives_lines_of_tabs() -> None:
    assert load("a: 1\n\t\nb:\n  - c\n \t\n  - d\n\t\n") == {"a": 1, "b": ["c", "d"]}


@pytest.mark.parametrize(
    ("text", "value"),
    [("a: |\n  x", "x\n"), ("a: |\n  x\n  ", "x\n"), ("a: |+\n  x\n\n  ", "x\n\n"), ("a: |-\n  x", "x"), ("a: x", "x")],
)
def test_it_ends_the_last_line_of_a_text(text: str, value: str) -> None:
    assert load(text) == {"a": value}


@pytest.mark.parametrize(
    "character", ["\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\uffff", "\U0001f680", "\U000f0000"]
)
def test_it_keeps_rare_characters(character: str) -> None:
    assert load(f'a: "x{character}y"\nb: 2\n') == {"a": f"x{character}y", "b": 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_it_reads_every_unicode_encoding(encoding: str) -> None:
    assert load("a: Ångström 🚀\n".encode(encoding)) == {"a": "Ångström 🚀"}


def test_it_reads_the_line_ends_of_all_systems() -> None:
    assert load("a: 1\r\nb: |\r\n  x\r\n  y\r\n") == load("a: 1\rb: |\r  x\r  y\r") == {"a": 1, "b": "x\ny\n"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a: 1\nb: \xe4\n", "line 2 holds the byte 0xe4. Save the file as UTF-8."),
        (b"\xff\xfea\x00:", "not UTF-16"),
        ("a: \ud800", "half a character (U+D800)"),
    ],
)
def test_it_refuses_what_is_no_text(data: str | bytes, words: str) -> None:
    with pytest.raises(Invalid) as error:
        load_documents(data)
    assert words in error.value.detail


def test_it_refuses_more_than_one_document_where_one_is_wanted() -> None:
    with pytest.raises(Invalid, match="holds 2 YAML documents"):
        load("a: 1\n---\nb: 2\n")


def test_it_raises_the_problem_of_the_one_document() -> None:
    with pytest.raises(Invalid) as error:
        load("a: 1\na: 2\n")
    assert error.value.detail.startswith("The YAML cannot be read at line 2, column 1: the key 'a'")
    assert error.value.data == {"line": 2, "column": 1}
