"""Questions in both ways of writing them, and their answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.entities.filter_params import parse_filter_params
from catalog.entities.filters import EVERYTHING, NOTHING, AllOf, AnyOf, Exists, HasPrefix, In, Not, index_rows, matches
from catalog.entities.flatten import flatten
from catalog.entities.predicates import parse_predicate
from portal.lib.errors import Invalid
from tests.catalog.entities.samples import entity

DEMO = {
    **entity(a={"b": ["c", {"d": 1}], "e": 7, "nothing": None}, empty="", long="x" * 201, beta=True),
    "relations": [{"type": "ownedBy", "targetRef": "group:default/team-a"}],
}
INDEX = index_rows(flatten(DEMO))


def holds(*params: str) -> bool:
    """Whether the demo entity passes these ``filter`` parameters."""
    parsed = parse_filter_params(params)
    assert parsed is not None
    return matches(parsed, INDEX)


def answers(query: object) -> bool:
    """Whether the demo entity passes this ``query``."""
    return matches(parse_predicate(query), INDEX)


@pytest.mark.parametrize(
    "param",
    [
        "spec.a.b",
        "spec.a.b=c",
        "spec.a.b.c",
        "spec.a.b.c=true",
        "spec.a.b.d=1",
        "SPEC.A.E=7",
        " spec.a.e = 7 ",
        "spec.a.b=x,spec.a.b=c",
        "spec.a.nothing",
        "spec.empty=",
        "spec.long",
        "metadata.namespace=default",
        "relations.ownedby=GROUP:default/team-a",
        "kind=component,",
    ],
)
def test_it_finds_what_is_there(param: str) -> None:
    assert holds(param)


@pytest.mark.parametrize(
    "param",
    [
        "spec",
        "spec.a",
        "spec.a.b=d",
        "spec.a.nothing=",
        "spec.a.nothing=null",
        f"spec.long={'x' * 201}",
        "kind==component",
        "status",
    ],
)
def test_it_does_not_find_what_is_not(param: str) -> None:
    assert not holds(param)


def test_it_takes_parameters_as_alternatives_and_statements_together() -> None:
    assert holds("kind=api", "kind=component")
    assert not holds("kind=component,spec.type=website")
    assert parse_filter_params(["a=1,b=2,a=3,c,d="]) == AllOf(
        (In("a", ("1", "3")), In("b", ("2",)), Exists("c"), In("d", ("",)))
    )
    assert parse_filter_params(["a,a=1"]) == In("a", ("1",))
    assert parse_filter_params(["a", "B=C"]) == AnyOf((Exists("a"), In("b", ("c",))))
    assert parse_filter_params(["Kind=a,kind=b"]) == AllOf((In("kind", ("a",)), In("kind", ("b",))))


@pytest.mark.parametrize("params", [[], [","], ["", ""], [" , "]])
def test_it_asks_nothing(params: list[str]) -> None:
    assert parse_filter_params(params) is None


def test_it_skips_empty_parameters_beside_others() -> None:
    assert parse_filter_params(["", "a"]) == Exists("a")


@pytest.mark.parametrize(
    ("params", "words"), [([""], "Empty value found"), (["x=2,=a"], "'=a' is not a valid statement"), (["="], "a=b")]
)
def test_it_refuses_other_parameters(params: list[str], words: str) -> None:
    with pytest.raises(Invalid) as error:
        parse_filter_params(params)
    assert words in error.value.detail


@pytest.mark.parametrize(
    ("query", "filter_"),
    [
        ({}, EVERYTHING),
        ({"$all": []}, AllOf(())),
        ({"$any": []}, NOTHING),
        ({"Kind": "API"}, In("kind", ("api",))),
        ({"a": 1, "b": True}, AllOf((In("a", ("1",)), In("b", ("true",))))),
        ({"a": 1.0}, In("a", ("1",))),
        ({"$not": {"a": "b"}}, Not(In("a", ("b",)))),
        ({"$any": [{"a": "b"}, {"$all": [{"c": "d"}]}]}, AnyOf((In("a", ("b",)), AllOf((In("c", ("d",)),))))),
        ({"a": {"$exists": True}}, Exists("a")),
        ({"a": {"$exists": False}}, Not(Exists("a"))),
        ({"a": {"$in": ["B", 1, False]}}, In("a", ("b", "1", "false"))),
        ({"a": {"$in": []}}, In("a", ())),
        ({"a": {"$hasPrefix": "W%"}}, HasPrefix("a", "w%")),
        ({"a": {"$contains": "Java"}}, In("a", ("java",))),
        ({"Relations": {"$contains": {"type": "ownedBy"}}}, Exists("relations.ownedby")),
        ({"relations": {"$contains": {"TYPE": "a", "targetref": "B"}}}, In("relations.a", ("b",))),
        ({"relations": {"$contains": {"type": "a", "targetRef": {"$in": ["B", "c"]}}}}, In("relations.a", ("b", "c"))),
        ({"a": {"$in": ["b"], "$exists": True}}, Exists("a")),
        ({"a": {"$exists": "no", "$in": ["b"]}}, In("a", ("b",))),
        ({"a": {"$in": ["b"], "$other": 1}}, In("a", ("b",))),
    ],
)
def test_it_reads_queries(query: object, filter_: object) -> None:
    assert parse_predicate(query) == filter_


@pytest.mark.parametrize(
    "query",
    [
        None,
        [],
        "kind=api",
        {"kind": "component", "$not": {}},
        {"$any": [], "kind": "api"},
        {"$nope": []},
        {"$all": {"kind": "api"}},
        {"$not": []},
        {"$all": ["x"]},
        {"$any": [None]},
        {"kind": None},
        {"kind": ["api"]},
        {"kind": {}},
        {"kind": {"$eq": "api"}},
        {"kind": {"$not": {"$in": ["a"]}}},
        {"kind": {"$in": "api"}},
        {"kind": {"$in": [None]}},
        {"a": {"$hasPrefix": 1}},
        {"spec.flags": {"beta": True}},
        {"a": {"$contains": {"$in": ["java"]}}},
        {"a": {"$contains": None}},
        {"spec.stages": {"$contains": {"name": "dev"}}},
        {"relations": {"$contains": {"targetRef": "x"}}},
        {"relations": {"$contains": {"type": ""}}},
        {"relations": {"$contains": {"type": 1}}},
        {"relations": {"$contains": {"type": "a", "x": 1}}},
        {"relations": {"$contains": {"type": "a", "Type": "b"}}},
        {"relations": {"$contains": {"type": "a", "targetRef": {"$in": []}}}},
        {"relations": {"$contains": {"type": "a", "targetRef": 1}}},
        {"a\nb": 1},
    ],
)
def test_it_refuses_other_queries(query: object) -> None:
    with pytest.raises(Invalid):
        parse_predicate(query)


def test_it_refuses_deep_queries() -> None:
    query: Any = {"kind": "api"}
    for _ in range(60):
        query = {"$not": query}
    with pytest.raises(Invalid, match="nested more than 50 levels deep"):
        parse_predicate(query)


def test_it_answers_queries() -> None:
    assert answers({"spec.beta": True, "spec.a.e": "7"})
    assert answers({"$not": {"spec.missing": "x"}})
    assert answers({"metadata.name": {"$hasPrefix": "DE"}})
    assert answers({"spec.a.b": {"$contains": "C"}})
    assert answers({"relations": {"$contains": {"type": "OWNEDBY", "targetRef": "group:default/team-a"}}})
    assert not answers({"$any": []})
    assert not answers({"kind": {"$in": []}})
    assert not answers({"spec.long": {"$hasPrefix": "x"}})


@given(st.lists(st.text("ab=, cC.", max_size=12), max_size=3))
def test_it_reads_any_parameter_or_refuses_it(params: list[str]) -> None:
    try:
        parsed = parse_filter_params(params)
    except Invalid:
        return
    assert parsed is None or matches(parsed, INDEX) in (True, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text("a$", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$all", "$any", "$not", "$in", "$exists", "$contains", "relations", "a"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=8,
)


@given(JSON)
def test_it_reads_any_query_or_refuses_it(query: object) -> None:
    try:
        parsed = parse_predicate(query)
    except Invalid:
        return
    assert matches(Not(parsed), INDEX) is not matches(parsed, INDEX)
