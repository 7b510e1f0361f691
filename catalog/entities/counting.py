"""Facet counts, kept with every write: a page's counts are a sum of a few rows instead of a walk over all entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django.db import connection

from catalog.entities.models import Entity

_Cell: TypeAlias = tuple[str, str, int]


class Counts:
    """The changes of one write: ``remove`` before the rows change, ``add`` with the new rows, then ``write``."""

    def __init__(self) -> None:
        self._changes: Counter[_Cell] = Counter()

    def remove(self, pks: Iterable[int]) -> None:
        """Take away what the stored rows with these keys count."""
        for pairs, kind, space in Entity.objects.filter(pk__any=pks).values_list("counted", "kind_key", "space_id"):
            self._changes.subtract((pair, kind, space) for pair in pairs)

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add what new rows count."""
        for row in rows:
            self._changes.update((pair, row["kind_key"], row["space_id"]) for pair in row["counted"])

    def write(self) -> None:
        """Bring the table up to date; cells without entities vanish."""
        changes = sorted((cell, count) for cell, count in self._changes.items() if count)
        if not changes:
            return
        keys, values = zip(*(cell[0].split("=", 1) for cell, _ in changes), strict=True)
        kinds, spaces = zip(*(cell[1:] for cell, _ in changes), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [list(keys), list(kinds), list(spaces), list(values), [n for _, n in changes]])
            cursor.execute("DELETE FROM entities_facet_count WHERE count <= 0")


_UPSERT = """
INSERT INTO entities_facet_count (key, kind_key, space_id, value, count)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::int[])
ON CONFLICT (key, kind_key, space_id, value)
DO UPDATE SET count = entities_facet_count.count + excluded.count
"""
