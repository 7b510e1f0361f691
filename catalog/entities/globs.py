"""Patterns over paths and addresses: ``*``, ``**``, ``?``, ``[a-z]``, ``{a,b}``, ``{1..3}``, ``!`` before all of it.

Rules: minimatch with ``nocase`` and ``dot``, as Backstage's catalog rules use it; extended patterns such as ``@(a|b)``
are taken literally.
"""

from __future__ import annotations

import re
from functools import lru_cache

from catalog.entities.refs import LocationRef

_SLASHES = re.compile(r"/+")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*|-?\d+\.\.-?\d+)\}")
_NUMBERS = re.compile(r"(-?\d+)\.\.(-?\d+)")
_TOKEN = re.compile(
    r"(?P<stars>\*+)|(?P<any>\?)|\[(?P<not>[!^]?)(?P<set>\]?[^\]]+)\]|\\(?P<escaped>.)|(?P<plain>.)", re.DOTALL
)
_MOST_ALTERNATIVES = 1000


def is_glob(location: LocationRef) -> bool:
    """Whether the target stands for many files; in addresses only ``*`` does, behind the host and before a query."""
    if location.type == "file":
        return any(character in location.target for character in "*?[{")
    return "*" in re.split(r"[?#]", location.target, maxsplit=1)[0]


def glob_matches(pattern: str, text: str) -> bool:
    """Whether ``pattern`` covers the whole of ``text``; case does not matter."""
    if pattern.startswith("#"):
        return False
    positive = pattern.lstrip("!")
    is_negated = (len(pattern) - len(positive)) % 2 == 1
    path = _SLASHES.sub("/", text)
    return any(regex.fullmatch(path) for regex in _regexes(positive)) != is_negated


@lru_cache(maxsize=256)
def _regexes(pattern: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_regex(path), re.IGNORECASE | re.DOTALL) for path in _expanded(pattern))


def _expanded(pattern: str) -> list[str]:
    """The pattern without braces, once for each alternative."""
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= _MOST_ALTERNATIVES:
        path = waiting.pop()
        found = _BRACES.search(path)
        if found is None:
            done.append(path)
        else:
            waiting += [path[: found.start()] + choice + path[found.end() :] for choice in _choices(found[1])]
    return done + waiting


def _choices(inside: str) -> list[str]:
    numbers = _NUMBERS.fullmatch(inside)
    if numbers is None:
        return inside.split(",")
    first, last = int(numbers[1]), int(numbers[2])
    step = 1 if first <= last else -1
    return [str(number) for number in range(first, last + step, step)[:_MOST_ALTERNATIVES]]


def _regex(path: str) -> str:
    segments = _SLASHES.split(path)
    last = len(segments) - 1
    return "".join(_segment(segment, is_last=place == last) for place, segment in enumerate(segments))


def _segment(segment: str, *, is_last: bool) -> str:
    if segment == "**":
        return ".*" if is_last else "(?:[^/]+/)*"
    regex = "[^/]+" if segment == "*" else "".join(_token(token) for token in _TOKEN.finditer(segment))
    return regex if is_last else f"{regex}/"


def _token(token: re.Match[str]) -> str:
    if token["stars"]:
        return "[^/]*"
    if token["any"]:
        return "[^/]"
    if token["set"]:
        inside = token["set"].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        return f"(?!/)[{'^' if token['not'] else ''}{inside}]"
    return re.escape(token["escaped"] or token["plain"])
