from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from portal.lib.errors import Invalid
from scaffolder.forms.build import build_page, build_pages
from scaffolder.forms.fields import ALL_SEEN, Field, FieldError, FormContext, FormState, Option, Page, Picker
from scaffolder.forms.schemas import read_pages
from scaffolder.forms.widgets import Widget


def build(page: dict[str, Any], values: dict[str, Any] | None = None, **more: Any) -> Page:
    return build_page(read_pages(page)[0], values or {}, **more)


def field_for(schema: dict[str, Any], value: Any = ..., **more: Any) -> Field:
    """The one field of a page that has only this one."""
    values = {} if value is ... else {"it": value}
    (field,) = build({"properties": {"it": schema}}, values, **more).fields
    return field


def names(fields: Iterable[Field]) -> list[str]:
    return [field.name for field in fields]


@pytest.mark.parametrize(
    ("schema", "widget"),
    [
        ({"type": "string"}, Widget.TEXT),
        ({}, Widget.TEXT),
        ({"type": "string", "ui:widget": "textarea"}, Widget.TEXTAREA),
        ({"type": "string", "ui:options": {"widget": "textarea"}}, Widget.TEXTAREA),
        ({"type": "string", "ui:widget": "password"}, Widget.PASSWORD),
        ({"type": "string", "ui:widget": "hidden"}, Widget.HIDDEN),
        ({"type": "string", "format": "email"}, Widget.EMAIL),
        ({"type": "string", "format": "uri"}, Widget.URL),
        ({"type": "string", "format": "date"}, Widget.DATE),
        ({"type": "string", "format": "date-time"}, Widget.DATETIME),
        ({"type": "string", "format": "data-url"}, Widget.FILE),
        ({"type": "integer"}, Widget.NUMBER),
        ({"type": "number", "ui:widget": "updown"}, Widget.NUMBER),
        ({"type": "number", "ui:widget": "range"}, Widget.RANGE),
        ({"type": "boolean"}, Widget.CHECKBOX),
        ({"type": "boolean", "ui:widget": "radio"}, Widget.RADIO),
        ({"type": "boolean", "ui:widget": "select"}, Widget.SELECT),
        ({"enum": ["a"]}, Widget.SELECT),
        ({"enum": [True, "a"]}, Widget.SELECT),
        ({"enum": ["a"], "ui:widget": "radio"}, Widget.RADIO),
        ({"oneOf": [{"const": 1, "title": "One"}]}, Widget.SELECT),
        ({"type": "string", "ui:widget": "radio"}, Widget.TEXT),
        ({"type": "string", "ui:widget": "nobody-knows"}, Widget.TEXT),
        ({"oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}, Widget.CHOICE),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, Widget.NUMBER),
        ({"type": "null"}, Widget.NOTE),
        ({"type": ["null", "boolean"]}, Widget.CHECKBOX),
        ({"type": "array", "items": {"type": "string"}}, Widget.LIST),
        ({"type": "array", "items": {"enum": ["a"]}}, Widget.LIST),
        ({"type": "array", "items": {"enum": ["a"]}, "uniqueItems": True}, Widget.MULTISELECT),
        ({"type": "array", "items": {"enum": ["a"]}, "ui:widget": "checkboxes"}, Widget.CHECKBOXES),
        ({"type": "array"}, Widget.JSON),
        ({"type": "object", "properties": {"a": {}}}, Widget.GROUP),
        ({"properties": {"a": {}}}, Widget.GROUP),
        ({"type": "object", "additionalProperties": {"type": "string"}}, Widget.MAP),
        ({"type": "object"}, Widget.JSON),
        ({"type": "string", "ui:field": "RepoUrlPicker"}, Widget.REPO_URL),
        ({"type": "string", "ui:field": "OwnerPicker"}, Widget.ENTITY),
        ({"type": "array", "ui:field": "EntityPicker", "items": {"type": "string"}}, Widget.ENTITIES),
        ({"type": "array", "ui:field": "MultiEntityPicker"}, Widget.ENTITIES),
        ({"type": "array", "ui:field": "EntityTagsPicker"}, Widget.TAGS),
        ({"type": "string", "ui:field": "EntityNamePicker"}, Widget.TEXT),
        ({"type": "string", "ui:field": "Secret"}, Widget.SECRET),
        ({"type": "string", "ui:field": "Unheard", "ui:widget": "password"}, Widget.PASSWORD),
        ({"$ref": "#/definitions/x", "title": "Mine"}, Widget.NUMBER),
        ({"allOf": [{"$ref": "#/definitions/x"}]}, Widget.NUMBER),
    ],
)
def test_it_chooses_the_control(schema: dict[str, Any], widget: Widget) -> None:
    (field,) = build({"properties": {"it": schema}, "definitions": {"x": {"type": "integer"}}}).fields
    assert field.widget is widget


def test_it_says_all_that_a_template_says_about_a_field() -> None:
    field = field_for(
        {
            "type": "string",
            "title": "Name",
            "description": "Some **words**",
            "ui:help": "Help",
            "ui:placeholder": "shop",
            "ui:autofocus": True,
            "ui:readonly": True,
            "minLength": 2,
            "maxLength": 9,
            "ui:autocomplete": "username",
        },
        "x",
    )
    assert (field.name, field.id, field.label, field.description) == ("it", "field-it", "Name", "Some **words**")
    assert (field.help, field.placeholder, field.value, field.autofocus, field.locked) == (
        "Help",
        "shop",
        "x",
        True,
        True,
    )
    assert field.attributes == {"autocomplete": "username", "minlength": "2", "maxlength": "9"}


def test_it_uses_hints_before_the_schema_and_the_key_last() -> None:
    assert field_for({"title": "Schema", "ui:title": "Hint", "ui:description": "D", "description": "d"}).label == "Hint"
    assert field_for({"ui:description": "D", "description": "d"}).description == "D"
    assert field_for({}).label == "it"
    assert not field_for({"ui:label": False}).shows_label


def test_it_shows_an_unknown_field_as_text_with_a_note() -> None:
    field = field_for({"type": "string", "ui:field": "KubernetesClusterPicker"}, "c1")
    assert (field.widget, field.value) == (Widget.TEXT, "c1")
    assert '"KubernetesClusterPicker", which is not installed' in field.note
    assert field_for({"type": "object", "ui:field": "Odd"}, {"a": 1}).value == '{\n  "a": 1\n}'


def test_it_limits_numbers_and_text_areas() -> None:
    assert field_for({"type": "integer", "minimum": 1, "maximum": 5}).attributes == {
        "min": "1",
        "max": "5",
        "step": "1",
    }
    assert field_for({"type": "number"}).attributes == {"step": "any"}
    assert field_for({"type": "number", "ui:widget": "range"}).attributes == {"min": "0", "max": "100", "step": "any"}
    assert field_for({"type": "string", "ui:widget": "textarea", "ui:options": {"rows": 7}}).attributes == {"rows": "7"}
    assert field_for({"type": "string"}, "two\nlines").widget is Widget.TEXTAREA


def test_it_orders_fields_as_asked() -> None:
    properties: dict[str, Any] = {"a": {}, "b": {}, "c": {}, "d": {}}
    assert names(build({"properties": properties, "ui:order": ["c", "*", "a", "gone"]}).fields) == ["c", "b", "d", "a"]
    assert names(build({"properties": properties, "ui:order": ["d"]}).fields) == ["d", "a", "b", "c"]


def test_it_offers_allowed_values() -> None:
    schema = {"enum": ["s", "m"], "enumNames": ["Small", "Medium"], "ui:enumDisabled": ["m"]}
    field = field_for(schema, "s")
    assert field.options == (Option("", ""), Option("s", "Small", selected=True), Option("m", "Medium", disabled=True))
    required = build({"properties": {"it": schema}, "required": ["it"]}, {"it": "s"}).fields[0]
    assert [option.value for option in required.options] == ["s", "m"]


def test_it_tells_true_from_one() -> None:
    field = field_for({"enum": [1, True, "1"]}, True)
    assert [(option.value, option.selected) for option in field.options[1:]] == [
        ("1", False),
        ("true", True),
        ('"1"', False),
    ]


def test_it_offers_yes_and_no() -> None:
    field = field_for({"type": "boolean", "ui:widget": "radio", "enumNames": ["On", "Off"]}, False)
    assert field.options == (Option("true", "On"), Option("false", "Off", selected=True))


def test_it_starts_with_defaults_until_a_field_was_seen() -> None:
    schema = {"type": "string", "default": "first"}
    assert field_for(schema).value == "first"
    assert field_for(schema, "mine").value == "mine"
    assert field_for(schema, state=FormState(seen=["it"])).value == ""
    assert field_for(schema, state=ALL_SEEN).value == ""


def test_it_starts_groups_and_their_members_with_defaults() -> None:
    field = field_for(
        {"default": {"a": 1}, "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 2}}}
    )
    assert [inner.value for inner in field.fields] == ["1", "2"]


CONDITIONAL: dict[str, Any] = {
    "properties": {"mode": {"enum": ["a", "b"], "default": "a"}, "last": {}},
    "dependencies": {
        "mode": {
            "oneOf": [
                {"properties": {"mode": {"enum": ["a"]}, "x": {"title": "X"}}, "required": ["x"]},
                {"properties": {"mode": {"enum": ["b"]}, "y": {}}},
            ]
        }
    },
}


def test_it_shows_the_branch_that_a_default_chooses() -> None:
    page = build(CONDITIONAL)
    assert [(field.name, field.required) for field in page.fields] == [("mode", False), ("last", False), ("x", True)]


def test_it_shows_the_branch_that_a_value_chooses() -> None:
    assert names(build(CONDITIONAL, {"mode": "b"}).fields) == ["mode", "last", "y"]
    assert names(build(CONDITIONAL, {"mode": "other"}).fields) == ["mode", "last"]


def test_it_marks_what_others_depend_on() -> None:
    assert {field.name: field.refreshes for field in build(CONDITIONAL).fields} == {
        "mode": True,
        "last": False,
        "x": False,
    }


@pytest.mark.parametrize(("value", "shown"), [(True, ["on", "then"]), (False, ["on", "else"])])
def test_it_shows_one_side_of_a_condition(value: bool, shown: list[str]) -> None:
    rule = {"if": {"properties": {"on": {"const": True}}, "required": ["on"]}}
    sides: dict[str, Any] = {"then": {"properties": {"then": {}}}, "else": {"properties": {"else": {}}}}
    for page in ({**rule, **sides}, {"allOf": [{**rule, **sides}]}):
        built = build({"properties": {"on": {"type": "boolean"}}, **page}, {"on": value})
        assert names(built.fields) == shown
        assert built.fields[0].refreshes


def test_it_resolves_conditions_inside_of_branches() -> None:
    inner = {"if": {"properties": {"b": {"const": 1}}, "required": ["b"]}, "then": {"properties": {"c": {}}}}
    page = {"properties": {"a": {}}, "dependencies": {"a": {"properties": {"b": {}}, "allOf": [inner]}}}
    assert names(build(page, {"a": "x"}).fields) == ["a", "b"]
    assert names(build(page, {"a": "x", "b": 1}).fields) == ["a", "b", "c"]
    assert names(build(page, {"b": 1}).fields) == ["a"]


def test_it_makes_fields_required_by_a_dependency() -> None:
    page = {"properties": {"a": {}, "b": {}}, "dependencies": {"a": ["b"]}}
    assert [field.required for field in build(page, {"a": 1}).fields] == [False, True]
    assert [field.required for field in build(page).fields] == [False, False]


def test_it_shows_a_field_that_is_required_although_its_branch_does_not_apply() -> None:
    page = {**CONDITIONAL, "required": ["y", "nowhere"]}
    built = build(page, {"mode": "a"})
    assert names(built.fields) == ["mode", "last", "x", "nowhere", "y"]


CHOICES: dict[str, Any] = {
    "properties": {"age": {}},
    "anyOf": [
        {"title": "By name", "properties": {"first": {}, "last": {}}},
        {"title": "By code", "properties": {"code": {}}},
    ],
}


@pytest.mark.parametrize(
    ("values", "chosen", "shown"),
    [({}, {}, ["first", "last"]), ({"code": "x"}, {}, ["code"]), ({"first": "x"}, {":anyOf": 1}, ["code"])],
)
def test_it_offers_a_choice_of_branches(values: dict[str, Any], chosen: dict[str, int], shown: list[str]) -> None:
    age, choice = build(CHOICES, values, state=FormState(chosen=chosen)).fields
    assert (age.name, choice.name, choice.widget, choice.refreshes) == ("age", ":anyOf", Widget.CHOICE, True)
    assert [option.label for option in choice.options] == ["By name", "By code"]
    assert names(choice.fields) == shown


def test_it_offers_no_choice_where_a_field_tells_the_branches_apart() -> None:
    page = {
        "properties": {"kind": {"enum": ["a", "b"]}},
        "oneOf": [
            {"properties": {"kind": {"const": "a"}, "x": {}}},
            {"properties": {"kind": {"const": "b"}, "y": {}}},
        ],
    }
    assert names(build(page, {"kind": "b"}).fields) == ["kind", "y"]
    assert names(build(page).fields) == ["kind"]


def test_it_offers_no_choice_where_branches_only_say_what_goes_together() -> None:
    page = {"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    assert names(build(page).fields) == ["a", "b"]


def test_it_shows_a_value_of_several_shapes() -> None:
    schema = {"oneOf": [{"type": "integer", "title": "Number"}, {"type": "string", "title": "Word"}]}
    field = field_for(schema, "x")
    assert (field.name, field.value, [option.label for option in field.options]) == (
        "it:oneOf",
        "1",
        ["Number", "Word"],
    )
    assert (field.fields[0].name, field.fields[0].widget, field.fields[0].value) == ("it", Widget.TEXT, "x")


def test_it_shows_lists_as_rows() -> None:
    schema = {"type": "array", "maxItems": 3, "items": {"properties": {"k": {"type": "string"}}}}
    field = field_for(schema, [{"k": "a"}, {"k": "b"}])
    assert [row.index for row in field.rows] == ["0", "1"]
    assert [row.field.fields[0].name for row in field.rows] == ["it.0.k", "it.1.k"]
    assert [(row.can_move_up, row.can_move_down, row.can_remove) for row in field.rows] == [
        (False, True, True),
        (True, False, True),
    ]
    assert field.can_add
    assert not field_for(schema, [{}, {}, {}]).can_add


def test_it_keeps_the_buttons_that_a_list_allows() -> None:
    options = {"addable": False, "removable": False, "orderable": False}
    field = field_for({"type": "array", "items": {"type": "string"}, "ui:options": options}, ["a", "b"])
    assert (field.can_add, [(row.can_remove, row.can_move_down) for row in field.rows]) == (False, [(False, False)] * 2)


def test_it_shows_as_many_rows_as_a_list_needs() -> None:
    field = field_for({"type": "array", "minItems": 2, "items": {"type": "string", "default": "d"}}, ["a"])
    assert [row.field.value for row in field.rows] == ["a", "d"]


def test_it_shows_a_list_of_fixed_entries() -> None:
    field = field_for({"type": "array", "items": [{"title": "Host"}, {"type": "integer", "title": "Port"}]})
    assert [(row.field.label, row.field.widget, row.can_remove) for row in field.rows] == [
        ("Host", Widget.TEXT, False),
        ("Port", Widget.NUMBER, False),
    ]


def test_it_shows_a_map_as_names_and_values() -> None:
    field = field_for({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1})
    (row,) = field.rows
    assert row.key is not None
    assert (row.key.name, row.key.value, row.field.name, row.field.value) == ("it.0:key", "a", "it.0", "1")


def test_it_shows_other_entries_of_a_group() -> None:
    field = field_for({"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, {"a": "1", "b": "2"})
    assert [(inner.name, inner.widget) for inner in field.fields] == [("it.a", Widget.TEXT), ("it.~3more", Widget.MAP)]
    assert field.fields[1].rows[0].field.value == "2"


@pytest.mark.parametrize("value", ["soon", "0001-01-01T00:00:00+02:00"])
def test_it_shows_a_moment_that_is_none_as_it_is(value: str) -> None:
    assert field_for({"type": "string", "format": "date-time"}, value).value == value


def test_it_shows_a_moment_in_utc() -> None:
    field = field_for({"type": "string", "format": "date-time"}, "2025-01-31T12:00:00+02:00")
    assert field.value == "2025-01-31T10:00:00"


def test_it_ends_a_form_that_refers_to_itself() -> None:
    kids = {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/node"}}
    page = {"properties": {"node": {"$ref": "#/definitions/node"}}}
    assert build({**page, "definitions": {"node": {"type": "object", "properties": {"kids": kids}}}}).fields
    with pytest.raises(Invalid, match="leads back to itself"):
        build({"properties": {key: {"$ref": "#"} for key in "abcdef"}})


def test_it_marks_all_that_a_condition_asks() -> None:
    names_of_parts = [{"required": ["a"]}, {"not": {"properties": {"b": {"const": 1}}}}]
    page = {"properties": {"a": {}, "b": {}, "c": {}}, "if": {"anyOf": names_of_parts}, "then": {"required": ["c"]}}
    assert [field.refreshes for field in build(page).fields] == [True, True, False]


def test_it_labels_values_by_a_table_of_names() -> None:
    field = field_for({"enum": ["s", "m"], "enumNames": {"m": "Medium"}})
    assert [option.label for option in field.options[1:]] == ["s", "Medium"]


def test_it_puts_errors_where_they_belong() -> None:
    page = {
        "properties": {
            "a": {},
            "tags": {"type": "array", "ui:field": "EntityTagsPicker"},
            "rows": {"type": "array", "items": {"type": "string"}},
        }
    }
    errors = [
        FieldError("a", "A is wrong", 1),
        FieldError("tags.1", "That tag is wrong", 1),
        FieldError("rows.0", "That row is wrong", 1),
        FieldError("gone", "Something else is wrong", 1),
        FieldError("a", "Of another page", 2),
    ]
    built = build(page, {"rows": ["x"]}, errors=errors)
    plain, tags, rows = built.fields
    assert (plain.errors, tags.errors, rows.errors) == (("A is wrong",), ("That tag is wrong",), ())
    assert rows.rows[0].field.errors == ("That row is wrong",)
    assert (built.errors, built.has_errors) == (("Something else is wrong",), True)
    assert not build(page).has_errors


def test_it_never_shows_a_secret() -> None:
    schema = {"type": "string", "ui:field": "Secret", "default": "d3fault"}
    field = field_for(schema, "********", context=FormContext(kept_secrets=["it"]))
    assert (field.value, field.is_set) == ("", True)
    assert not field_for(schema).is_set


def suggest(picker: Picker) -> list[Option]:
    return [Option("group:default/a", "A"), Option("group:default/b", "B")] if picker.field == "OwnerPicker" else []


SUGGESTING = FormContext(suggest=suggest)
CLOSED = {"ui:field": "OwnerPicker", "ui:options": {"allowArbitraryValues": False}}


def test_it_suggests_and_lets_people_type() -> None:
    field = field_for({"type": "string", "ui:field": "OwnerPicker"}, "group:default/b", context=SUGGESTING)
    assert (field.widget, field.value) == (Widget.ENTITY, "group:default/b")
    assert [option.selected for option in field.options] == [False, True]


def test_it_lets_people_only_choose_where_nothing_else_is_allowed() -> None:
    field = field_for(CLOSED, context=SUGGESTING)
    assert (field.widget, [option.value for option in field.options]) == (
        Widget.SELECT,
        ["", "group:default/a", "group:default/b"],
    )


def test_it_chooses_the_only_possibility() -> None:
    context = replace(SUGGESTING, suggest=lambda picker: suggest(picker)[:1])
    (field,) = build({"properties": {"it": CLOSED}, "required": ["it"]}, context=context).fields
    assert [(option.value, option.selected) for option in field.options] == [("group:default/a", True)]


def test_it_offers_several_of_what_is_suggested() -> None:
    field = field_for({"type": "array", **CLOSED}, ["group:default/a"], context=SUGGESTING)
    assert (field.widget, [option.selected for option in field.options]) == (Widget.MULTISELECT, [True, False])


def test_it_leaves_out_excluded_owners() -> None:
    context = FormContext(suggest=lambda picker: [Option("acme", "acme"), Option("evil", "evil")])
    field = field_for({"ui:field": "RepoOwnerPicker", "ui:options": {"excludedOwners": ["evil"]}}, context=context)
    assert [option.value for option in field.options] == ["acme"]


def parts(options: dict[str, Any], value: str = "") -> dict[str, Field]:
    context = FormContext(hosts={"github.com": "github", "dev.azure.com": "azure", "bitbucket.org": "bitbucketCloud"})
    schema = {"type": "string", "ui:field": "RepoUrlPicker", "ui:options": options}
    field = field_for(schema, *([value] if value else []), context=context)
    return {part.name.removeprefix("it:"): part for part in field.fields}


def test_it_asks_for_the_parts_that_a_host_has() -> None:
    assert list(parts({})) == ["host", "owner", "repo"]
    assert list(parts({}, "dev.azure.com?project=p&repo=r")) == ["host", "organization", "project", "repo"]
    assert list(parts({"allowedHosts": ["bitbucket.org"]})) == ["host", "workspace", "project", "repo"]


def test_it_fills_in_what_is_allowed_first() -> None:
    found = parts({"allowedHosts": ["github.com"], "allowedOwners": ["acme", "umbrella"], "ownerLabel": "Team"})
    assert (found["owner"].value, found["owner"].widget, found["owner"].label) == ("acme", Widget.SELECT, "Team")
    assert [option.value for option in found["owner"].options] == ["acme", "umbrella"]
    assert (found["host"].refreshes, found["repo"].widget) == (True, Widget.TEXT)


def test_it_asks_for_a_token_where_the_template_wants_one() -> None:
    found = parts({"requestUserCredentials": {"secretsKey": "USER_OAUTH_TOKEN"}})
    assert found["token"].widget is Widget.SECRET


def test_it_shows_an_address() -> None:
    found = parts({}, "github.com?owner=acme&repo=shop")
    assert [part.value for part in found.values()] == ["github.com", "acme", "shop"]


def test_it_builds_all_pages() -> None:
    pages = read_pages([{"title": "One", "properties": {"a": {}}}, {"title": "Two", "description": "d"}])
    assert [(page.number, page.title, page.description) for page in build_pages(pages, {})] == [
        (1, "One", ""),
        (2, "Two", "d"),
    ]
