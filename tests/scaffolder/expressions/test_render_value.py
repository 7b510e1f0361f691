from __future__ import annotations

import json
from typing import Any

import pytest

from portal.lib.errors import Invalid, Unavailable
from scaffolder.expressions.builtins import describe_extensions
from scaffolder.expressions.engine import DEFAULT_HOSTS, Engine
from scaffolder.expressions.extensions import About, Extensions, Function, Value
from scaffolder.expressions.values import UNDEFINED, is_truthy

ENGINE = Engine()
VALUES = {"n": 3, "f": False, "o": {"k": [1]}, "e": "", "none": None, "name": "shop"}
CONTEXT: dict[str, Any] = {"parameters": VALUES, "secrets": {"token": "t0ken"}}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${{ parameters.n }}", 3),
        ("v${{ parameters.n }}", "v3"),
        ("${{ parameters.o }}", {"k": [1]}),
        ("${{ parameters.n }} ", "3 "),
        ("${{ parameters.n }}${{ parameters.n }}", "33"),
        ("${{ parameters.missing }}", UNDEFINED),
        ("${{ parameters.f }}", False),
        ("${{ parameters.none }}", None),
        ("${{ parameters.e }}", ""),
        ("", ""),
        ("${{ parameters.o.k | length }}", 1),
        ("no expression", "no expression"),
        (7, 7),
        (None, None),
        (1e400, None),  # JSON has no infinity, and neither has JSON.stringify
        ({"a": [1e400, 1.5, "x"]}, {"a": [None, 1.5, "x"]}),
    ],
)
def test_it_gives_one_value(template: Any, value: object) -> None:
    rendered = ENGINE.render_value(template, CONTEXT)
    assert (rendered.value, rendered.warnings) == (value, ())
    assert type(rendered.value) is type(value)


def test_it_renders_every_text_inside_and_leaves_keys_alone() -> None:
    template: Any = {
        "gone": "${{ parameters.missing }}",
        "${{ parameters.name }}": [{"n": "${{ parameters.n }}"}, True, None, "${{ parameters.missing }}"],
        "toString": "${{ parameters.name }}",
    }
    assert ENGINE.render_value(template, CONTEXT).value == {
        "${{ parameters.name }}": [{"n": 3}, True, None, None],
        "toString": "shop",
    }


def test_it_does_not_render_what_an_expression_gave() -> None:
    context: Any = {"parameters": {"text": "${{ secrets.token }}", "list": ["${{ 1 }}"]}}
    assert ENGINE.render_value(["${{ parameters.text }}", "${{ parameters.list }}"], context).value == [
        "${{ secrets.token }}",
        ["${{ 1 }}"],
    ]


def test_it_keeps_the_text_of_a_failing_expression_and_says_where_it_is() -> None:
    rendered = ENGINE.render_value({"a": ["x", "${{ parameters.n | nope }}"]}, CONTEXT)
    assert rendered.value == {"a": ["x", "${{ parameters.n | nope }}"]}
    (warning,) = rendered.warnings
    assert (warning.path, warning.line, warning.column) == (("a", 1), 1, 20)
    assert str(warning).startswith("a.1: Template error at line 1, column 20")
    assert "nope" in str(warning)


def test_it_answers_always_and_failure() -> None:
    template: Any = ["${{ always() }}", "${{ failure() }}"]
    assert ENGINE.render_value(template, {}, failed=True).value == [True, True]
    assert ENGINE.render_value(template, {}).value == [True, False]


def test_it_never_gives_half_a_character() -> None:
    value = ENGINE.render_value({"v": "${{ '🚀x'[0] }}", "w": "${{ '🚀' }}"}, {}).value
    assert value == {"v": "\ufffd", "w": "🚀"}


@pytest.mark.parametrize(
    ("context", "words"),
    [
        ({"parameters": {"__proto__": 1}}, "__proto__ is reserved"),
        ({"parameters": {"when": object()}}, "cannot be written as JSON"),
        ({"parameters": {"constructor": {}}}, "constructor is reserved"),
    ],
)
def test_it_refuses_a_context_that_templates_may_not_see(context: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        ENGINE.render_value("x", context)


def test_it_refuses_values_that_contain_themselves() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(Invalid, match="nested too deeply"):
        ENGINE.render_value("x", {"parameters": endless})


@pytest.mark.parametrize(
    ("condition", "holds", "asks"),
    [
        (True, True, False),
        (False, False, False),
        ("false", True, False),
        ("", False, False),
        ("${{ parameters.f }}", False, False),
        ("${{ parameters.o.k }}", True, False),
        ("${{ [] }}", False, False),
        ("${{ {} }}", True, False),
        ("${{ 1 / 0 }}", True, False),
        ("${{ 0 / 0 }}", False, False),
        ("${{ always() }}", True, True),
        ("${{ failure() or parameters.n }}", True, True),
        ("${{ parameters.missing }}", False, False),
    ],
)
def test_it_evaluates_a_condition(condition: Any, holds: bool, asks: bool) -> None:
    answer = ENGINE.evaluate_condition(condition, CONTEXT)
    assert (answer.holds, answer.asks_status) == (holds, asks)


def test_it_tells_a_condition_that_a_step_has_failed() -> None:
    assert ENGINE.evaluate_condition("${{ failure() }}", {}, failed=True).holds
    assert not ENGINE.evaluate_condition("${{ failure() }}", {}).holds


def test_it_warns_about_a_condition_that_fails_and_holds() -> None:
    answer = ENGINE.evaluate_condition("${{ nope() }}", {})
    assert answer.holds
    assert "nope" in answer.warnings[0].message


@pytest.mark.parametrize("condition", [0, None, []])
def test_it_refuses_a_condition_of_another_type(condition: Any) -> None:
    with pytest.raises(Invalid, match="must be a text or true or false"):
        ENGINE.evaluate_condition(condition, {})


@pytest.mark.parametrize("value", [True, 1, "x", "false", [0], {}, {"a": 1}, -0.5])
def test_it_takes_a_value_for_true(value: Any) -> None:
    assert is_truthy(value)


@pytest.mark.parametrize("value", [False, None, 0, 0.0, "", [], UNDEFINED])
def test_it_takes_a_value_for_false(value: Any) -> None:
    assert not is_truthy(value)


def extended() -> Extensions:
    extensions = Extensions()
    extensions.add_filter("shout", Function("(text, end = '!') => text.toUpperCase() + end", About("Louder")))
    extensions.add_function("double", Function("(n) => ({ twice: 2 * n })"))
    extensions.add_value("region", Value({"name": "north"}, "Where we are"))
    return extensions


def test_it_knows_what_extensions_add() -> None:
    engine = Engine(extensions=extended())
    template: Any = ["${{ 'a' | shout }}", "${{ 'a' | shout('?') }}", "${{ double(2) }}", "${{ region.name }}"]
    assert engine.render_value(template, {}).value == ["A!", "A?", {"twice": 4}, "north"]
    assert engine.render_text("${{ values | shout }} ${{ region.name }}", "b") == "B! north"
    assert ENGINE.render_value("${{ region }}", {}).value is UNDEFINED


def test_it_lists_filters_and_globals_for_people() -> None:
    listed: Any = describe_extensions(extended())
    assert {"parseRepoUrl", "parseEntityRef", "pick", "projectSlug", "shout"} == set(listed["filters"])
    assert listed["filters"]["shout"] == {"description": "Louder"}
    assert listed["filters"]["pick"]["schema"]["arguments"] == [{"type": "string"}]
    assert listed["globals"] == {
        "functions": {"double": {}},
        "values": {"region": {"value": {"name": "north"}, "description": "Where we are"}},
    }
    json.dumps(listed)


@pytest.mark.parametrize("name", ["", "1a", "a-b", "__proto__", "constructor", "always", "region", "double"])
def test_it_refuses_a_bad_or_taken_name_of_an_extension(name: str) -> None:
    with pytest.raises(ValueError, match="template extension"):
        extended().add_value(name, Value(1))


def test_it_says_that_an_extension_does_not_load() -> None:
    extensions = Extensions()
    extensions.add_filter("broken", Function("(text => "))
    with pytest.raises(Unavailable, match="does not start"):
        Engine(extensions=extensions).render_value("x", {})


def test_it_says_that_the_engine_is_not_installed(tmp_path: Any) -> None:
    with pytest.raises(Unavailable, match=r"not installed at .*index\.cjs"):
        Engine(engine_path=tmp_path / "index.cjs").render_value("x", {})


def test_it_gives_another_random_each_time() -> None:
    items: list[Any] = list(range(1000))
    drawn = {json.dumps(ENGINE.render_value("${{ items | random }}", {"items": items}).value) for _ in range(20)}
    assert len(drawn) > 5


def test_it_knows_the_public_hosts_from_the_start() -> None:
    assert set(DEFAULT_HOSTS) == {"github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"}
