"""Patterns over paths, as the actions of Backstage take them: ``*``, ``?``, ``**``, ``[a-z]``, ``{a,b}``, ``!pattern``.

Rules: globby 11 with fast-glob. Case matters; a pattern that names a folder means all of it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from portal.lib.errors import Invalid
from portal.lib.paths import Entry

LONGEST_PATTERN = 1000
_MOST_ALTERNATIVES = 100
_WILD = re.compile(r"[*?\[{]")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_ESCAPED = re.compile(r"\\(.)")


def is_glob(text: str) -> bool:
    """Whether a path has wildcards at all."""
    return _WILD.search(text) is not None


def select(entries: Iterable[Entry], patterns: Iterable[str], *, dot: bool) -> set[str]:
    """The paths that some pattern covers and no pattern with ``!`` in front.

    With ``dot`` wildcards match names that start with a dot, too. Raises Invalid for patterns of absurd length.
    """
    found = list(entries)
    folders = {entry.path for entry in found if entry.kind == "folder"}
    wanted: list[str] = []
    unwanted: list[str] = []
    for pattern in patterns:
        (unwanted if pattern.startswith("!") else wanted).append(_whole(pattern.removeprefix("!"), folders))
    return {
        entry.path
        for entry in found
        if any(matches(pattern, entry.path, dot=dot) for pattern in wanted)
        and not any(matches(pattern, entry.path, dot=True) for pattern in unwanted)
    }


def _whole(pattern: str, folders: set[str]) -> str:
    plain = pattern.removeprefix("./").rstrip("/")
    return f"{plain}/**" if plain in folders or pattern.endswith("/") else plain


def matches(pattern: str, path: str, *, dot: bool) -> bool:
    """Whether one pattern without ``!`` covers the whole of a path."""
    names = path.split("/")
    return any(_covers(segments, names, dot) for segments in _compiled(pattern))


def _covers(segments: Sequence[_Segment], names: Sequence[str], dot: bool) -> bool:
    # PERF: all places in the pattern at once and name by name, so that no pattern makes it slow.
    places = _with_skipped({0}, segments)
    for name in names:
        ahead = {
            place + segments[place].step
            for place in places
            if segments[place : place + 1] and segments[place].fits(name, dot)
        }
        places = _with_skipped(ahead, segments)
    return len(segments) in places


def _with_skipped(places: set[int], segments: Sequence[_Segment]) -> set[int]:
    """The places, and those behind a ``**`` that stands for no name at all."""
    reached = set(places)
    for place in sorted(places):
        while place < len(segments) and not segments[place].step:
            place += 1
            reached.add(place)
    return reached


class _Segment:
    """What one part between slashes covers; ``**`` covers any number of names and so does not step on."""

    def __init__(self, text: str) -> None:
        self.step = 0 if text == "**" else 1
        self._starts_wild = text[0] in "*?["
        plain = _ESCAPED.sub(r"[\1]", text.replace("[^", "[!"))
        self._regex = re.compile(fnmatch.translate(plain))

    def fits(self, name: str, dot: bool) -> bool:
        """Whether a name is covered."""
        is_visible = dot or not name.startswith(".") or not self._starts_wild
        return is_visible and self._regex.fullmatch(name) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[tuple[_Segment, ...], ...]:
    if len(pattern) > LONGEST_PATTERN:
        raise Invalid(f"The pattern {pattern[:60]!r}… is too long.")
    return tuple(tuple(_Segment(part) for part in text.split("/") if part) for text in _expanded(pattern))


def _expanded(pattern: str) -> list[str]:
    """The pattern without braces, once for each alternative."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        text = waiting.pop()
        found = _BRACES.search(text)
        if found is None:
            done.append(text)
        else:
            waiting += [text[: found.start()] + choice + text[found.end() :] for choice in found[1].split(",")]
        if len(done) + len(waiting) > _MOST_ALTERNATIVES:
            raise Invalid(f"The pattern {pattern[:60]!r} has too many alternatives.")
    return done
