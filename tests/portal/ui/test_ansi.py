"""Terminal output becomes safe HTML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.ui.ansi import to_html


def test_it_turns_colours_into_classes() -> None:
    assert to_html("\x1b[1;31mfailed\x1b[0m ok") == '<span class="ansi-bold ansi-red">failed</span> ok'


def test_it_replaces_one_colour_by_the_next() -> None:
    assert to_html("\x1b[31ma\x1b[92mb") == '<span class="ansi-red">a</span><span class="ansi-green">b</span>'


def test_it_drops_other_control_codes() -> None:
    assert to_html("a\x1b[2Kb\x1b]0;title\x07c\x08\rd") == "abcd"


def test_it_ignores_colours_that_it_does_not_show() -> None:
    assert to_html("\x1b[38;5;208mx") == "x"


@given(st.text(alphabet="<>&\"'\x1b[0;31mab\x07]\\", max_size=60))
def test_it_never_lets_markup_through(text: str) -> None:
    html = to_html(text)
    assert html.count("<") == html.count('<span class="ansi-') + html.count("</span>")
    assert "\x1b" not in html
