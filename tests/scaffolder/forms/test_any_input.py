"""Nothing that a template or a post may hold breaks the form: it works, or says what is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.lib.errors import Invalid
from scaffolder.forms.build import build_pages
from scaffolder.forms.names import name_of, path_of
from scaffolder.forms.parse import parse_post
from scaffolder.forms.review import review
from scaffolder.forms.schemas import read_pages
from scaffolder.forms.validate import validate
from tests.scaffolder.forms.browser import post

NAMES = st.sampled_from(["a", "b", "c", "items", "$ref", "type"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 5), st.floats(), NAMES, st.text(max_size=3))
JSON = st.recursive(SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(NAMES, x, max_size=3), max_leaves=6)
WORDS: dict[str, list[Any]] = {
    "type": ["object", "array", "string", "integer", "boolean", "null", ["string", "null"], "text"],
    "ui:widget": ["radio", "select", "checkboxes", "hidden", "textarea", "password", "range"],
    "ui:field": [
        "RepoUrlPicker",
        "OwnerPicker",
        "MultiEntityPicker",
        "EntityTagsPicker",
        "Secret",
        "EntityNamePicker",
        "X",
    ],
    "format": ["date-time", "email", "data-url", "date"],
    "$ref": ["#", "#/properties/a", "#/definitions/a", "http://x"],
    "enumNames": [["A"], {"a": "A"}, "A"],
    "pattern": ["^a+$", "(", "[\\w-.]"],
    "ui:order": [["b", "*"], ["a"], "a", [1]],
    "ui:options": [{"rows": 3}, {"allowedHosts": ["github.com"], "requestUserCredentials": {"secretsKey": "t"}}, 3],
    "ui:backstage": [{"review": {"show": False}}, {"review": {"mask": "x"}}, {"featureFlag": "f"}],
}
KEYWORDS = st.one_of(*(st.tuples(st.just(key), st.sampled_from(values)) for key, values in WORDS.items()))
ODD = st.tuples(
    st.sampled_from(
        ["default", "const", "enum", "required", "minItems", "maxItems", "minimum", "title", "items", "oneOf"]
    ),
    JSON,
)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(NAMES, inner, max_size=3)
    several = st.lists(inner, max_size=3)
    parts = st.one_of(
        st.tuples(st.sampled_from(["properties", "dependencies", "definitions"]), named),
        st.tuples(st.sampled_from(["allOf", "oneOf", "anyOf", "items"]), several),
        st.tuples(st.sampled_from(["if", "then", "else", "items", "additionalProperties", "not"]), inner),
        KEYWORDS,
        st.tuples(st.just("enum"), st.lists(SCALARS, max_size=3)),
        st.tuples(st.just("required"), st.lists(NAMES, max_size=3)),
        ODD,
    )
    return st.lists(parts, max_size=5).map(dict)


SCHEMAS = st.recursive(st.one_of(KEYWORDS.map(lambda pair: dict([pair])), st.booleans(), JSON), _schemas, max_leaves=12)
PAGES = st.dictionaries(NAMES, SCHEMAS, max_size=4).flatmap(
    lambda named: _schemas(SCHEMAS).map(lambda page: {**page, "properties": named})
)
POSTED = st.dictionaries(
    st.builds(
        "{}{}{}".format,
        NAMES,
        st.sampled_from(["", ".a", ".0", ".0.b"]),
        st.sampled_from(["", ":item", ":add", ":remove", ":was", ":oneOf", ":host", ":repo", ":key", ":list"]),
    ),
    st.lists(st.sampled_from(["", "a", "0", "1", "true", "no", "[]", "{", '{"a": 1}', "9" * 9, "null"]), max_size=3),
    max_size=6,
)
STEADY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@STEADY
@given(PAGES, st.dictionaries(NAMES, JSON, max_size=4))
def test_it_shows_and_checks_any_form(page: Any, values: dict[str, Any]) -> None:
    with suppress(Invalid):
        pages = read_pages(page)
        shown = build_pages(pages, values, validate(values, pages, whole_addresses=True))
        parsed = parse_post(pages[0], post(shown[0]), keep_blank_rows=True)
        json.dumps(parsed.values)
        review(values, pages)


@STEADY
@given(PAGES, POSTED)
def test_it_reads_any_post(page: Any, data: dict[str, list[str]]) -> None:
    with suppress(Invalid):
        pages = read_pages(page)
        submission = parse_post(pages[0], data)
        json.dumps([submission.values, submission.secrets])
        build_pages(pages, submission.values, validate(submission.values, pages), state=submission.state)


@settings(deadline=None)
@given(st.lists(st.text(max_size=5)).map(tuple), st.sampled_from(["", "item"]))
def test_it_finds_a_path_back_from_its_name(path: tuple[str, ...], part: str) -> None:
    if path != ("",):
        assert path_of(name_of(path, part)) == (path, part)
