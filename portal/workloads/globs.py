"""Patterns of subjects and claims: ``*`` stands for any characters, none included; everything else for itself.

``/`` and ``:`` are no borders, ``?`` and ``[`` are no signs, upper and lower case differ, and the whole text must fit.
"""

from __future__ import annotations


def fits(pattern: str, text: str) -> bool:
    """Does the whole of ``text`` fit ``pattern``? Texts with line ends or other control characters fit nothing."""
    if not text.isprintable():
        return False
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    # PERF: by searching rather than by a regular expression, whose time a hostile text could stretch.
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def literal_start(pattern: str) -> str:
    """What every text that fits begins with."""
    return pattern.partition("*")[0]
