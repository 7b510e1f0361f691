from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.lib.errors import Invalid
from scaffolder.expressions.engine import Engine, TextOptions

ENGINE = Engine()
VALUES: dict[str, Any] = {"ci": False, "n": "x", "list": ["a", "b"], "obj": {"k": 1}}
BLOCK = "a\n  {% if true %}\n  b\n  {% endif %}\nc\n"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("${{ values.n }}.txt", "x.txt"),
        ("{% if values.ci %}.github{% endif %}/wf.yml", "/wf.yml"),
        ("a/${{ values.none }}/b", "a//b"),
        ("${{ values.n }}\r\n", "x\r\n"),
        ("{{ values.n }} ${{ secrets.token }}${{ parameters.n }}", "{{ values.n }} "),
        ("${{ values.obj }} ${{ values.list }}", "[object Object] a,b"),
        (BLOCK, "a\n  \n  b\n  \nc\n"),
    ],
)
def test_it_renders_a_text_of_a_skeleton(text: str, rendered: str) -> None:
    assert ENGINE.render_text(text, VALUES) == rendered


def test_it_reads_cookiecutter_templates() -> None:
    options = TextOptions(cookiecutter_compat=True)
    text = "{{ cookiecutter.n }} {{ cookiecutter.list | jsonify }} {{ values.n }}${{ cookiecutter.n }}"
    assert ENGINE.render_text(text, VALUES, options) == 'x ["a","b"] $x'
    assert ENGINE.render_text("{{ cookiecutter.n }}", VALUES) == "{{ cookiecutter.n }}"


def test_it_trims_around_blocks() -> None:
    assert ENGINE.render_text(BLOCK, VALUES, TextOptions(trim_blocks=True)) == "a\n    b\n  c\n"
    assert ENGINE.render_text(BLOCK, VALUES, TextOptions(trim_blocks=True, lstrip_blocks=True)) == "a\n  b\nc\n"


def test_it_says_file_line_and_column_of_a_failure() -> None:
    with pytest.raises(Invalid) as caught:
        ENGINE.render_text("one\n ${{ values.n | nope }}", VALUES, name="src/main.py")
    assert caught.value.detail.startswith('src/main.py, line 2, column 17: Unknown template filter "nope"')
    assert caught.value.data == {"file": "src/main.py", "line": 2, "column": 17}


@pytest.mark.parametrize("text", ["{% if values.ci %}", "${{ values.n", "${{ always() }}", "{% include 'x' %}"])
def test_it_refuses_a_text_that_fails(text: str) -> None:
    with pytest.raises(Invalid, match="line 1"):
        ENGINE.render_text(text, VALUES)


def test_it_refuses_values_that_templates_may_not_see() -> None:
    with pytest.raises(Invalid, match="reserved"):
        ENGINE.render_text("${{ values }}", {"constructor": 1})


def test_it_renders_many_texts_with_the_same_values() -> None:
    renderer = ENGINE.text_renderer(VALUES)
    assert [renderer.render(text) for text in ("${{ values.n }}", "{% set n = 1 %}${{ n }}", "${{ n }}")] == [
        "x",
        "1",
        "",
    ]


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="{"), max_size=40))
def test_it_leaves_a_text_without_tags_alone(text: str) -> None:
    assert ENGINE.render_text(text, {}) == text
    assert ENGINE.render_text(text + "{# #}", {}) == text


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_it_puts_any_value_in_unchanged(text: str) -> None:
    assert ENGINE.render_text("${{ values.t }}|{# #}", {"t": text}) == text + "|"
