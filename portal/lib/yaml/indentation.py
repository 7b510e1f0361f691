"""A rule that libyaml does not enforce: what a block holds stays to the right of it, on every line.

A text in quotes, or a list or mapping in brackets, that goes on at or left of the key it belongs to is a mistake.
"""

from __future__ import annotations


def stray_line(lines: list[str], span: tuple[int, int], column: int) -> int | None:
    """The first line of a text in quotes that does not stay to the right of ``column``.

    ``span`` are the numbers of its first and last line; the first one is not looked at.
    """
    return next((number for number in range(span[0] + 1, span[1] + 1) if _strays(lines[number], column)), None)


def stray_flow_line(lines: list[str], span: tuple[int, int], column: int) -> int | None:
    """The same for brackets; comments may stand anywhere, and the last bracket right below the key."""
    stray = stray_line(lines, (span[0], span[1] - 1), column)
    while stray is not None and lines[stray].startswith("#"):
        stray = stray_line(lines, (stray, span[1] - 1), column)
    if stray is not None or span[0] == span[1]:
        return stray
    last = lines[span[1]]
    is_bracket_below_key = last[column : column + 1] in ("]", "}") and not last[:column].strip(" ")
    return span[1] if _strays(last, column) and not is_bracket_below_key else None


def _strays(line: str, column: int) -> bool:
    text = line.lstrip(" ")
    return bool(text) and len(line) - len(text) <= column
