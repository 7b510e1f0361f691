from __future__ import annotations

from typing import Any

import pytest

from scaffolder.forms.build import build_page
from scaffolder.forms.fields import ALL_SEEN, FormState, Submission
from scaffolder.forms.parse import parse_post
from scaffolder.forms.schemas import read_pages
from scaffolder.forms.texts import as_data_url
from tests.scaffolder.forms.browser import post

Posted = dict[str, list[str]]


def parse(properties: dict[str, Any], data: Posted, *, keep_blank_rows: bool = False, **page: Any) -> Submission:
    return parse_post(read_pages({"properties": properties, **page})[0], data, keep_blank_rows=keep_blank_rows)


def value_for(schema: dict[str, Any], *texts: str, **more: list[str]) -> Any:
    """The value of one field that posted these texts; its other parts are given by their names."""
    data = {"it": list(texts), **{f"it:{part}": found for part, found in more.items()}}
    return parse({"it": schema}, data).values.get("it", "nothing")


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "x", "x"),
        ({"type": "string"}, " x ", " x "),
        ({"type": "string"}, "", "nothing"),
        ({"type": "string", "ui:emptyValue": ""}, "", ""),
        ({"type": "string"}, "a\r\nb", "a\nb"),
        ({"type": "string"}, "007", "007"),
        ({"type": "integer"}, "7", 7),
        ({"type": "integer"}, " -7 ", -7),
        ({"type": "integer"}, "", "nothing"),
        ({"type": "integer"}, "seven", "seven"),
        ({"type": "number"}, "2.50", 2.5),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "1e999", "1e999"),
        ({"type": "number"}, "NaN", "NaN"),
        ({"type": "integer"}, "9" * 5000, "9" * 5000),
        ({"type": ["null", "integer"]}, "3", 3),
        ({"type": "boolean", "ui:widget": "radio"}, "false", False),
        ({"type": "boolean", "ui:widget": "select"}, "true", True),
        ({"enum": [1, "one", None, {"a": 1}]}, "1", 1),
        ({"enum": [1, "one", None, {"a": 1}]}, "null", None),
        ({"enum": [1, "one", None, {"a": 1}]}, '{"a": 1}', {"a": 1}),
        ({"enum": ["a"]}, "other", "other"),
        ({"oneOf": [{"const": 2, "title": "Two"}]}, "2", 2),
        ({"type": "object"}, '{"a": [1]}', {"a": [1]}),
        ({"type": "object"}, "{broken", "{broken"),
        ({"type": "array", "ui:widget": "hidden"}, '["a"]', ["a"]),
        ({"type": "string", "format": "date-time"}, "2025-01-31T12:00", "2025-01-31T12:00:00Z"),
        ({"type": "string", "format": "date"}, "2025-01-31", "2025-01-31"),
        ({"type": "array", "ui:field": "EntityTagsPicker"}, "Java, web  java", ["java", "web"]),
        ({"ui:field": "OwnerPicker"}, "Team-A", "group:default/team-a"),
        ({"ui:field": "EntityPicker"}, "team-a", "team-a"),
        ({"type": "array", "ui:field": "MultiEntityPicker"}, "api:A\r\napi:b\r\n", ["api:default/a", "api:default/b"]),
        ({"type": "null"}, "null", None),
        ({"type": "boolean", "ui:widget": "hidden"}, "true", True),
        ({"type": "string", "format": "date-time"}, "soon", "soon"),
        ({"type": "string", "format": "date-time"}, "2025-01-31T12:00:00+01:00", "2025-01-31T12:00:00+01:00"),
        ({"type": "integer"}, "  ", "nothing"),
    ],
)
def test_it_reads_a_text_as_a_value(schema: dict[str, Any], text: str, value: Any) -> None:
    found = value_for(schema, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("texts", "required", "value"),
    [
        (["", "true"], False, True),
        (["false", "true"], False, True),
        (["false"], False, False),
        ([""], False, "nothing"),
        (["no"], True, False),
    ],
)
def test_it_reads_a_checkbox(texts: list[str], required: bool, value: Any) -> None:
    found = parse({"it": {"type": "boolean"}}, {"it": texts}, required=["it"] if required else [])
    assert found.values.get("it", "nothing") == value


SEVERAL = {"type": "array", "uniqueItems": True, "items": {"enum": [1, 2, 3]}}


@pytest.mark.parametrize(
    ("texts", "value"), [(["", "1", "3"], [1, 3]), ([""], "nothing"), (["[]"], []), (["", "9"], ["9"])]
)
def test_it_reads_several_picked_values(texts: list[str], value: Any) -> None:
    assert value_for(SEVERAL, *texts) == value
    assert value_for({**SEVERAL, "ui:widget": "checkboxes"}, *texts) == value


def test_it_gives_an_empty_list_where_one_is_required() -> None:
    assert parse({"it": SEVERAL}, {"it": [""]}, required=["it"]).values == {"it": []}


def test_it_reads_groups() -> None:
    group = {"properties": {"a.b": {"type": "integer"}, "c": {"properties": {"d": {}}}}}
    assert parse({"it": group}, {"it.a~1b": ["1"], "it.c.d": ["x"]}).values == {"it": {"a.b": 1, "c": {"d": "x"}}}
    assert parse({"it": group}, {"it.a~1b": [""], "it.c.d": [""]}).values == {}


ROWS = {"type": "array", "items": {"properties": {"k": {"type": "integer"}}}}
THREE: Posted = {"it:list": [""], "it:item": ["0", "1", "2"], "it.0.k": ["1"], "it.1.k": ["2"], "it.2.k": ["3"]}


@pytest.mark.parametrize(
    ("pressed", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"it:remove": ["1"]}, [1, 3]),
        ({"it:up": ["2"]}, [1, 3, 2]),
        ({"it:down": ["0"]}, [2, 1, 3]),
        ({"it:up": ["0"]}, [1, 2, 3]),
        ({"it:down": ["9"]}, [1, 2, 3]),
    ],
)
def test_it_reads_rows_and_their_buttons(pressed: Posted, numbers: list[int]) -> None:
    found = parse({"it": ROWS}, THREE | pressed)
    assert [row["k"] for row in found.values["it"]] == numbers
    assert found.pressed == bool(pressed)


def test_it_adds_a_row_with_its_defaults() -> None:
    rows = {"type": "array", "items": {"properties": {"k": {"default": 5}}}}
    assert parse({"it": rows}, {"it:list": [""], "it:add": [""]}).values == {"it": [{"k": 5}]}
    texts = {"type": "array", "items": {"type": "string"}}
    assert parse({"it": texts}, {"it:item": ["0"], "it.0": ["a"], "it:add": [""]}).values == {"it": ["a", ""]}


def test_it_leaves_out_blank_rows_unless_they_are_still_being_filled_in() -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    data: Posted = {"it:item": ["0", "1"], "it.0": [""], "it.1": ["b"]}
    assert parse({"it": texts}, data).values == {"it": ["b"]}
    assert parse({"it": texts}, data, keep_blank_rows=True).values == {"it": ["", "b"]}


def test_it_reads_no_more_rows_than_a_person_makes() -> None:
    many = [str(n) for n in range(5000)]
    data: Posted = {"it:item": [*many, "x", "-1"], **{f"it.{n}": ["a"] for n in many}}
    assert len(parse({"it": {"type": "array", "items": {"type": "string"}}}, data).values["it"]) == 1000


def test_it_reads_maps() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    data: Posted = {"it:item": ["0", "1", "2"], "it.0:key": ["a"], "it.0": ["1"], "it.1:key": [""], "it.1": ["2"]}
    assert parse({"it": schema}, data | {"it.2:key": ["b.c"], "it.2": ["3"]}).values == {"it": {"a": 1, "b.c": 3}}


def test_it_adds_an_entry_to_a_map() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    data: Posted = {"it:item": ["0"], "it.0:key": ["a"], "it.0": ["1"], "it:add": [""]}
    assert parse({"it": schema}, data, keep_blank_rows=True).values == {"it": {"a": "1", "": ""}}


def test_it_reads_other_entries_of_a_group() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": {"type": "string"}}
    data: Posted = {"it.a": ["1"], "it.~3more:item": ["0"], "it.~3more.0:key": ["b"], "it.~3more.0": ["2"]}
    assert parse({"it": schema}, data).values == {"it": {"a": "1", "b": "2"}}


BRANCHES: dict[str, Any] = {
    "dependencies": {
        "mode": {
            "oneOf": [
                {"properties": {"mode": {"const": "a"}, "x": {}, "s": {"ui:field": "Secret"}}},
                {"properties": {"mode": {"const": "b"}, "y": {"type": "integer"}, "z": {"default": "new"}}},
            ]
        }
    }
}


def test_it_drops_what_belongs_to_another_branch() -> None:
    data: Posted = {"mode": ["b"], "x": ["left over"], "y": ["2"], "z": [""], "s": ["secret"], "unknown": ["?"]}
    found = parse({"mode": {"enum": ["a", "b"]}}, data, **BRANCHES)
    assert (found.values, found.secrets) == ({"mode": "b", "y": 2}, {})


def test_it_gives_defaults_to_fields_that_only_appear_now() -> None:
    assert parse({"mode": {"enum": ["a", "b"]}}, {"mode": ["b"], "x": ["1"]}, **BRANCHES).values == {
        "mode": "b",
        "z": "new",
    }


def test_it_drops_the_secrets_of_a_branch_that_only_seemed_to_apply() -> None:
    rule: dict[str, Any] = {
        "if": {"properties": {"on": {"const": True}}},
        "then": {"properties": {"s": {"ui:field": "Secret"}}},
    }
    data: Posted = {"on": ["false"], "s": ["secret"]}
    assert parse({"on": {"type": "boolean"}}, data, **rule).secrets == {}
    assert parse({"on": {"type": "boolean"}}, data | {"on": ["true"]}, **rule).secrets == {"s": "secret"}


def test_it_takes_the_branch_that_was_chosen() -> None:
    page: dict[str, Any] = {"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}
    found = parse({}, {":anyOf": ["1"], "a": ["1"], "b": ["2"]}, **page)
    assert (found.values, found.state.chosen) == ({"b": "2"}, {":anyOf": 1})
    assert parse({}, {":anyOf": ["7"], "a": ["1"]}, **page).values == {"a": "1"}


def test_it_reads_a_value_of_the_chosen_shape() -> None:
    schema = {"oneOf": [{"type": "integer"}, {"type": "string"}]}
    assert value_for(schema, "7", oneOf=["0"]) == 7
    assert value_for(schema, "7", oneOf=["1"]) == "7"


def test_it_keeps_secrets_apart() -> None:
    properties = {
        "token": {"type": "string", "ui:field": "Secret"},
        "box": {"properties": {"inner": {"ui:field": "Secret"}}},
        "password": {"type": "string", "ui:widget": "password"},
    }
    found = parse(properties, {"token": ["t0ken"], "box.inner": ["1nner"], "password": ["p"]})
    assert found.values == {"password": "p"}
    assert found.secrets == {"token": "t0ken", "inner": "1nner"}


REPO: dict[str, Any] = {"type": "string", "ui:field": "RepoUrlPicker"}


def test_it_puts_an_address_together() -> None:
    assert (
        value_for(REPO, host=["github.com"], owner=[" acme "], repo=["my shop"]) == "github.com?owner=acme&repo=my+shop"
    )
    assert value_for(REPO, host=["github.com"], owner=[""], repo=[""]) == "nothing"


def test_it_takes_what_the_form_filled_in_for_no_address_yet() -> None:
    options = {"ui:options": {"allowedOwners": ["acme"]}}
    assert value_for({**REPO, **options}, host=["github.com"], owner=["acme"], repo=[""]) == "nothing"
    assert value_for({**REPO, **options}, host=["github.com"], owner=["other"], repo=[""]) == "github.com?owner=other"


def test_it_keeps_a_token_for_the_host_as_a_secret() -> None:
    schema = {**REPO, "ui:options": {"requestUserCredentials": {"secretsKey": "USER_OAUTH_TOKEN"}}}
    data: Posted = {"it:host": ["github.com"], "it:owner": ["o"], "it:repo": ["r"], "it:token": ["t0ken"]}
    found = parse({"it": schema}, data)
    assert (found.values, found.secrets) == ({"it": "github.com?owner=o&repo=r"}, {"USER_OAUTH_TOKEN": "t0ken"})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (REPO, "bitbucket.org?workspace=w&project=p&repo=r"),
        ({"ui:field": "OwnerPicker"}, "user:guest"),
        ({"type": "array", "ui:field": "MultiEntityPicker"}, ["user:guest", "Group:x/Y"]),
        ({"type": "array", "ui:field": "EntityTagsPicker"}, ["Web", "java"]),
        ({"type": "string", "format": "date-time"}, "2025-01-31T12:00:00.25+02:00"),
        ({"type": "string", "format": "data-url"}, "data:text/plain,x"),
    ],
)
def test_it_leaves_a_value_that_nobody_touched_as_it_was_written(schema: dict[str, Any], value: Any) -> None:
    page = read_pages({"properties": {"it": schema}})[0]
    assert parse_post(page, post(build_page(page, {"it": value}))).values == {"it": value}


def test_it_writes_a_touched_value_in_its_own_way() -> None:
    assert value_for({"ui:field": "OwnerPicker"}, "User:Alice", was=['"user:guest"']) == "user:default/alice"
    assert value_for({"ui:field": "OwnerPicker"}, "", was=['"user:guest"']) == "nothing"
    assert value_for({"ui:field": "OwnerPicker"}, "a", was=["{broken"]) == "group:default/a"


def test_it_remembers_which_fields_were_seen() -> None:
    found = parse({"a": {"default": "x"}, "b": {"properties": {"c": {}}}}, {"a": [""], "b.c": [""]})
    assert found.values == {}
    assert found.state == FormState(seen=frozenset({"a", "b", "b.c"}))


def test_it_submits_a_form_of_several_rounds() -> None:
    """A person chooses a branch, the page is drawn again, they add a row, and submit."""
    rows = {"type": "array", "items": {"type": "string"}}
    page = read_pages(
        {
            "properties": {"mode": {"enum": ["a", "b"], "default": "a"}},
            "required": ["mode"],
            "dependencies": {
                "mode": {"oneOf": [{"properties": {"mode": {"enum": ["b"]}, "list": rows, "d": {"default": "1"}}}]}
            },
        }
    )[0]
    first = parse_post(page, post(build_page(page, {})) | {"mode": ["b"]}, keep_blank_rows=True)
    assert first.values == {"mode": "b", "d": "1"}
    drawn = post(build_page(page, first.values, state=first.state))
    second = parse_post(page, drawn | {"list:add": [""], "d": [""]}, keep_blank_rows=True)
    assert (second.values, second.pressed) == ({"mode": "b", "list": [""]}, True)
    drawn = post(build_page(page, second.values, state=second.state))
    assert parse_post(page, drawn | {"list.0": ["x"]}).values == {"mode": "b", "list": ["x"]}


def test_it_takes_an_upload_as_a_data_url() -> None:
    text = as_data_url("a b;.txt", "text/plain", b"hello")
    assert text == "data:text/plain;name=a%20b%3B.txt;base64,aGVsbG8="
    assert value_for({"type": "string", "format": "data-url"}, text, was=['"data:,old"']) == text


def test_it_gives_an_untouched_form_its_defaults() -> None:
    page = read_pages({"properties": {"a": {"default": "x"}, "b": {"type": "boolean", "default": True}, "c": {}}})[0]
    assert parse_post(page, post(build_page(page, {}))).values == {"a": "x", "b": True}
    assert parse_post(page, post(build_page(page, {}, state=ALL_SEEN))).values == {}
