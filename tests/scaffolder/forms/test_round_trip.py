"""What a form shows and what comes back when nobody touches it are the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.forms.build import build_pages
from scaffolder.forms.fields import ALL_SEEN
from scaffolder.forms.parse import parse_post
from scaffolder.forms.schemas import read_pages
from tests.scaffolder.forms.browser import post

Made = tuple[dict[str, Any], Any]

KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=12)
TAGS = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True)
REFS = st.builds("{}:{}/{}".format, *[st.from_regex(r"[A-Za-z0-9]{1,5}", fullmatch=True)] * 3)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ADDRESSES = st.builds("{}?owner={}&repo={}".format, st.sampled_from(["github.com", "gitlab.com"]), TAGS, TAGS)


def of(schema: dict[str, Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Made]:
    return values.map(lambda value: (schema, value))


def enums(widget: str | None) -> st.SearchStrategy[Made]:
    allowed = st.lists(st.one_of(TEXTS, st.integers(), st.booleans()), min_size=1, max_size=4, unique_by=repr)
    return allowed.flatmap(lambda items: of({"enum": items, "ui:widget": widget}, st.sampled_from(items)))


def picks(widget: str | None) -> st.SearchStrategy[Made]:
    def several(items: list[Any]) -> st.SearchStrategy[Made]:
        schema = {"type": "array", "uniqueItems": True, "items": {"enum": items}, "ui:widget": widget}
        ordered = st.sets(st.integers(0, len(items) - 1)).map(lambda chosen: [items[i] for i in sorted(chosen)])
        return of(schema, ordered)

    return st.lists(TEXTS, min_size=1, max_size=4, unique=True).flatmap(several)


SCALARS = st.one_of(
    of({"type": "string"}, TEXTS),
    of({"type": "string", "ui:widget": "textarea"}, TEXTS),
    of({"type": "string", "ui:widget": "hidden"}, TEXTS),
    of({"type": "string", "format": "password"}, TEXTS),
    of({"type": "integer"}, st.integers()),
    of({"type": "number", "ui:widget": "range"}, st.one_of(st.integers(), NUMBERS)),
    of({"type": "boolean"}, st.booleans()),
    of({"type": "boolean", "ui:widget": "radio", "enumNames": ["On", "Off"]}, st.booleans()),
    of({"type": ["null", "integer"]}, st.integers()),
    of({"type": "null"}, st.none()),
    of({"type": "string", "format": "date-time"}, st.datetimes().map(lambda moment: moment.isoformat() + "+02:00")),
    of({"type": "string", "format": "data-url"}, st.just("data:text/plain;base64,aGVsbG8=")),
    of({"type": "string", "ui:field": "OwnerPicker"}, REFS),
    of({"type": "string", "ui:field": "RepoUrlPicker"}, ADDRESSES),
    of({"type": "string", "ui:field": "Elsewhere"}, TEXTS),
    of({"type": "array", "ui:field": "EntityTagsPicker"}, st.lists(TAGS, unique=True)),
    of({"type": "array", "ui:field": "MultiEntityPicker"}, st.lists(REFS, unique=True)),
    of({"type": "object"}, st.dictionaries(KEYS, TEXTS)),
    of({"anyOf": [{"type": "null"}, {"type": "integer"}]}, st.integers()),
    of({"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^x"}]}, st.one_of(st.integers(), st.just("xy"))),
    enums(None),
    enums("radio"),
    picks(None),
    picks("checkboxes"),
)


def lists(items: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    """A list of what one schema makes; its entries are the same value, which is enough to find them again."""
    return st.builds(lambda made, n: ({"type": "array", "items": made[0]}, [made[1]] * n), items, st.integers(0, 3))


def maps(items: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    def build(made: Made, keys: list[str]) -> Made:
        return {"type": "object", "additionalProperties": made[0]}, dict.fromkeys(keys, made[1])

    return st.builds(build, items, st.lists(KEYS, max_size=3, unique=True))


@st.composite
def groups(draw: st.DrawFn, members: st.SearchStrategy[Made]) -> Made:
    made = draw(st.dictionaries(KEYS, members, min_size=1, max_size=4))
    given_keys = draw(st.lists(st.sampled_from(sorted(made)), min_size=1, unique=True))
    schema: dict[str, Any] = {"type": "object", "properties": {key: item[0] for key, item in made.items()}}
    schema["required"] = draw(st.lists(st.sampled_from(sorted(given_keys)), unique=True))
    return schema, {key: made[key][1] for key in given_keys}


def entries(scalar: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    """Of entries, only those that a blank row cannot be mistaken for."""
    return scalar.filter(lambda made: made[1] not in (None, [], {}))


MEMBERS = st.recursive(
    SCALARS, lambda inner: st.one_of(groups(inner), lists(entries(inner)), maps(entries(inner))), max_leaves=6
)


@settings(max_examples=150, deadline=None)
@given(groups(MEMBERS))
def test_it_gives_back_what_it_shows(made: Made) -> None:
    schema, values = made
    pages = read_pages(schema)
    (built,) = build_pages(pages, values, state=ALL_SEEN)
    assert parse_post(pages[0], post(built)).values == values
