"""Templates that want out of the sandbox, or never want to stop."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portal.lib.errors import Invalid
from scaffolder.expressions.engine import Engine
from scaffolder.expressions.sandbox import Limits, Program, SandboxLimit, _load

ENGINE = Engine()
TIGHT = Engine(limits=Limits(seconds=0.1, memory_bytes=16 * 1024 * 1024))

ENDLESS = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "backtracking": "${{ ('a' * 1) }}${{ s | replace(r/^(a|a)*$/, '') }}",
    "backtracking method": "${{ s.replace(r/(a+)+$/, '') }}",
}


@pytest.mark.parametrize("template", ENDLESS.values(), ids=ENDLESS.keys())
def test_it_stops_a_template_that_never_ends(template: str) -> None:
    with pytest.raises(SandboxLimit, match=r"stopped after 0\.1 seconds") as caught:
        TIGHT.render_value(template, {"s": "a" * 60 + "!"})
    assert caught.value.data == {"limit": "time"}
    assert TIGHT.render_value("${{ s }}", {"s": 1}).value == 1  # the next template is served as if nothing was


def test_it_stops_a_skeleton_that_never_ends() -> None:
    with pytest.raises(SandboxLimit):
        TIGHT.render_text(ENDLESS["loops"], {})


@pytest.mark.parametrize(
    "template",
    [
        "{% set l = [] %}{% for i in range(90) %}{% set x = l.push('x' | center(900000)) %}{% endfor %}",
        "{% for i in range(99) %}${{ 'x' | center(999999) }}{% endfor %}",
    ],
)
def test_it_stops_a_template_that_eats_the_memory(template: str) -> None:
    engine = Engine(limits=Limits(seconds=5, memory_bytes=8 * 1024 * 1024))
    with pytest.raises(SandboxLimit, match="more than 8 MiB") as caught:
        engine.render_value(template, {})
    assert caught.value.data == {"limit": "memory"}
    assert engine.render_value("${{ 1 }}", {}).value == 1


def test_it_refuses_values_that_do_not_fit() -> None:
    with pytest.raises(SandboxLimit, match="memory"):
        TIGHT.render_value("x", {"big": "x" * 40_000_000})


@pytest.mark.parametrize(
    "template",
    [
        "${{ '' | center(1000000000) }}",
        "{% set s = 'xxxx' %}{% for i in range(40) %}{% set s = s ~ s %}{% endfor %}${{ s | length }}",
        "{% macro m(n) %}${{ m(n + 1) }}{% endmacro %}${{ m(1) }}",
        "${{ " + "(" * 600 + "1" + ")" * 600 + " }}",
        "{% if 1 %}" * 600 + "{% endif %}" * 600,
    ],
    ids=["too wide", "too long", "calls itself", "brackets", "blocks"],
)
def test_it_keeps_the_text_of_what_the_engine_itself_refuses(template: str) -> None:
    rendered = ENGINE.render_value(template, {})
    assert rendered.value == template
    assert len(rendered.warnings) == 1


def test_it_nests_as_deep_as_people_write() -> None:
    brackets = "${{ " + "(" * 90 + "1" + ")" * 90 + " }}"
    chain = "{% if v == 0 %}" + "".join(f"{{% elif v == {n} %}}{n}" for n in range(1, 200)) + "{% endif %}"
    blocks = "{% if v %}" * 150 + "deep" + "{% endif %}" * 150
    assert ENGINE.render_value([brackets, chain, blocks], {"v": 199}).value == [1, "199", "deep"]


ESCAPES = [
    "${{ parameters.constructor }}",
    "${{ ''.constructor.constructor('return globalThis')() }}",
    "${{ ''['constr' ~ 'uctor']['constr' ~ 'uctor']('return 1')() }}",
    "${{ range.constructor('return 1')() }}",
    "${{ [].__proto__ }}",
    "${{ {}['__proto__'] }}",
    "${{ parameters | pick('constructor.constructor') }}",
    "${{ parameters | pick('__proto__') }}",
    "${{ (parameters | pick('constructor'))('x') }}",
    "{% set f = parameters | pick('toString') %}${{ f() }}",
    "${{ cycler.constructor }}",
    "${{ globalThis }}",
    "${{ process.env }}",
    "${{ require('fs') }}",
    "${{ eval('1') }}",
    "{% include '/etc/passwd' %}",
    "{% import '/etc/passwd' as x %}",
]


@pytest.mark.parametrize("template", ESCAPES)
def test_it_reaches_nothing_outside_the_values(template: str) -> None:
    rendered = ENGINE.render_value({"v": template}, {"parameters": {"a": 1}})
    assert rendered.value in ({}, {"v": template})


def context_for_scripts() -> Any:
    return _load(Program("{}", "{}", "{}"))


@pytest.mark.parametrize(
    "script",
    [
        "Object.prototype.leak = 1",
        "Array.prototype.push = null",
        "String.prototype.trim = null",
        "Map.prototype.get = null",
        "Promise.prototype.then = null",
        "Object.defineProperty(Object.prototype, 'leak', { value: 1 })",
        "Object.setPrototypeOf(Array.prototype, {})",
        "Math.random = () => 4",
        "JSON.parse = null",
        "RegExp.prototype.exec = null",
        "[][Symbol.iterator]().__proto__.next = null",
        "run = null",
        "globalThis.leak = 1",
        "eval('1')",
        "Function('return 1')()",
        "(() => 1).constructor('return 1')()",
        "(function* () {}).constructor('return 1')()",
        "(async () => 1).constructor('return 1')()",
    ],
)
def test_it_leaves_nothing_in_the_language_that_a_script_could_change(script: str) -> None:
    """Not even code of the engine itself, let alone a template, can leave a trace in a context that is used again."""
    outcome = context_for_scripts().eval(f"'use strict'; try {{ {script}; 'done' }} catch (e) {{ e.constructor.name }}")
    assert outcome in ("TypeError", "ReferenceError")


def test_it_has_no_doors_to_the_machine() -> None:
    names = "['std', 'os', 'require', 'process', 'fetch', 'setTimeout', 'print', 'console', 'scriptArgs', 'navigator']"
    reachable = context_for_scripts().eval(f"JSON.stringify({names}.filter((name) => name in globalThis))")
    assert json.loads(reachable) == []


def test_it_carries_nothing_from_one_template_to_the_next() -> None:
    ENGINE.render_value("{% set leak = 'seen' %}{% macro m() %}m{% endmacro %}${{ failure() }}", {"a": 1}, failed=True)
    after: Any = ["${{ leak }}", "${{ a }}", "${{ m is defined }}", "${{ failure() }}"]
    assert ENGINE.render_value(after, {}).value == [None, None, False, False]


def test_it_does_not_change_the_values_it_was_given() -> None:
    context: Any = {"list": [3, 1, 2]}
    ENGINE.render_value("${{ list.push(4) }}${{ list | sort }}${{ list.reverse() }}", context)
    assert context == {"list": [3, 1, 2]}
    assert ENGINE.render_value(["${{ list.push(4) }}", "${{ list | length }}"], context).value == [4, 3]


def test_it_serves_many_threads_at_once() -> None:
    def render(n: int) -> object:
        return ENGINE.render_value("${{ n * 2 }}", {"n": n}).value

    with ThreadPoolExecutor(8) as people:
        assert list(people.map(render, range(100))) == [2 * n for n in range(100)]
    assert sum(thread.name.startswith("expressions") for thread in threading.enumerate()) == 4


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_it_works_in_a_forked_worker() -> None:
    ENGINE.render_value("${{ 1 }}", {})
    child = os.fork()
    if child == 0:  # pragma: no cover
        os._exit(0 if ENGINE.render_value("${{ 41 + 1 }}", {}).value == 42 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_it_is_refused_as_invalid_input() -> None:
    assert issubclass(SandboxLimit, Invalid)
