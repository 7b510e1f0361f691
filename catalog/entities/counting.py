"""Facet counts, kept with every write: a page's counts are a sum of a few rows instead of a walk over all entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from django.db import connection

from catalog.entities.indexing import counted
from catalog.entities.models import Entity, FacetCount

_Cell: TypeAlias = tuple[str, str, int, str]


class Counts:
    """The changes of one write: ``remove`` before the rows change, ``add`` with the new rows, then ``write``."""

    def __init__(self) -> None:
        self._changes: Counter[_Cell] = Counter()

    def remove(self, pks: Iterable[int]) -> None:
        """Take away what the stored rows with these keys count."""
        rows = Entity.objects.filter(pk__in=list(pks)).values("space_id", "kind_key", "facts", "written")
        for row in rows:
            self._changes.subtract(_cells(row))

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add what new rows count."""
        for row in rows:
            self._changes.update(_cells(row))

    def write(self) -> None:
        """Bring the table up to date; cells without entities vanish."""
        changes = sorted((cell, count) for cell, count in self._changes.items() if count)
        rows = [
            FacetCount(key=key, kind_key=kind, space_id=space, value=value, count=count)
            for (key, kind, space, value), count in changes
        ]
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, _arrays(rows))
            cursor.execute("DELETE FROM entities_facet_count WHERE count <= 0")


def _cells(row: Mapping[str, Any]) -> list[_Cell]:
    return [(key, row["kind_key"], row["space_id"], value) for key, value in counted(row["facts"], row["written"])]


def _arrays(rows: list[FacetCount]) -> list[list[Any]]:
    return [
        [row.key for row in rows], [row.kind_key for row in rows], [row.space_id for row in rows],
        [row.value for row in rows], [row.count for row in rows],
    ]  # fmt: skip


_UPSERT = """
INSERT INTO entities_facet_count (key, kind_key, space_id, value, count)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::int[])
ON CONFLICT (key, kind_key, space_id, value)
DO UPDATE SET count = entities_facet_count.count + excluded.count
"""
