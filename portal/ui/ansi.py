"""Terminal colours as classes. Log text is untrusted: everything is escaped, every other control code is dropped."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",)}


def to_html(text: str) -> SafeString:
    """``text`` of one line as safe HTML with ``<span class="ansi-…">`` around coloured parts."""
    parts: list[str] = []
    classes: set[str] = set()
    end = 0
    for found in _SEQUENCE.finditer(text):
        parts.append(_span(text[end : found.start()], classes))
        if found.group(2) == "m":
            classes = _after(classes, found.group(1))
        end = found.end()
    parts.append(_span(text[end:], classes))
    return mark_safe("".join(parts))  # noqa: S308 (every part is escaped)


def _span(text: str, classes: set[str]) -> str:
    shown = escape(_CONTROL.sub("", text))
    if not shown or not classes:
        return shown
    names = " ".join(f"ansi-{name}" for name in sorted(classes))
    return f'<span class="{names}">{shown}</span>'


def _after(classes: set[str], codes: str) -> set[str]:
    """The classes that hold after a colour sequence."""
    numbers = [int(code) for code in codes.split(";") if code] or [0]
    if 38 in numbers or 48 in numbers:
        # 256 and true colours are more than the log shows; what is on stays on.
        return classes
    for number in numbers:
        if number == 0:
            classes = set()
        elif number in _STYLES:
            classes = classes | {_STYLES[number]}
        elif number in _OFF:
            classes = classes - set(_OFF[number])
        elif 30 <= number <= 37 or 90 <= number <= 97:
            classes = (classes - set(_COLOURS)) | {_COLOURS[number % 10]}
        elif number == 39:
            classes = classes - set(_COLOURS)
    return classes
