"""Which entries of a list were posted, and which of its buttons was pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from .names import path_of

BUTTONS: Final = ("add", "remove", "up", "down")
MOST_ROWS: Final = 1000


class Buttons:
    """The row buttons of one post: ``name:add``, and ``name:remove``, ``name:up`` and ``name:down`` with an index."""

    def __init__(self, data: Mapping[str, Sequence[str]]) -> None:
        self.data = data
        self.pressed = any(path_of(name)[1] in BUTTONS for name in data)

    def adds(self, name: str) -> bool:
        """Whether an entry was asked for."""
        return f"{name}:add" in self.data

    def rows(self, name: str) -> list[str]:
        """The indexes of the entries in the order that they should have now."""
        posted = self.data.get(f"{name}:item", ())
        rows = [index for index in dict.fromkeys(posted) if index.isdecimal()][:MOST_ROWS]
        removed = self.data.get(f"{name}:remove", ())
        rows = [index for index in rows if index not in removed]
        for index in self.data.get(f"{name}:up", ()):
            _move(rows, index, -1)
        for index in self.data.get(f"{name}:down", ()):
            _move(rows, index, 1)
        return rows


def _move(rows: list[str], index: str, by: int) -> None:
    if index not in rows:
        return
    place = rows.index(index)
    if 0 <= place + by < len(rows):
        rows[place], rows[place + by] = rows[place + by], rows[place]
