"""What no entity may hold, whatever it says: values that neither the database nor a reader of JSON can take."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from catalog.entities.refusals import Reason, Refusal, path_of
from portal.lib.errors import TooLarge

DEEPEST = 100
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def check_storable(document: Any) -> list[Refusal]:
    """Whether ``document`` can be stored: not too deep, no NUL and no half of a character in its texts and keys."""
    try:
        check_depth(document)
    except TooLarge as error:
        return [Refusal(Reason.POLICY, "", error.detail)]
    # PERF: written in one go and searched as one text; the way to the place is only looked for when there is one.
    text = json.dumps(document, ensure_ascii=False)
    if "\\u0000" not in text and (text.isascii() or not _UNSTORABLE.search(text)):
        return []
    return [_refusal(path, found[0]) for path, value in _texts(document, []) if (found := _UNSTORABLE.search(value))]


def check_depth(value: Any) -> None:
    """Raise ``TooLarge`` when ``value`` is nested more deeply than the catalog stores."""
    layer = [value]
    for _level in range(DEEPEST + 1):
        layer = [
            inner
            for item in layer
            if isinstance(item, (dict, list))
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not layer:
            return
    raise TooLarge(f"The values are nested more than {DEEPEST} levels deep.", limit=DEEPEST)


def _texts(value: Any, path: list[str | int]) -> Iterator[tuple[list[str | int], str]]:
    """All texts and keys in ``value`` with the way to them."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _texts(item, [*path, place])
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from _texts(item, [*path, key])


def _refusal(path: list[str | int], character: str) -> Refusal:
    what = "the character U+0000" if character == "\x00" else f"half a character (U+{ord(character):04X})"
    shown = [part if isinstance(part, int) else _UNSTORABLE.sub("\ufffd", part) for part in path]
    return Refusal(Reason.POLICY, path_of(shown), f"holds {what}, which cannot be stored; remove it")
