"""Many rows at once, the way PostgreSQL likes best: COPY into a scratch table, then one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from catalog.entities.relations import Relation

COLUMNS = (
    "id", "uid", "ref", "kind", "namespace", "name", "kind_key", "name_key", "space_id", "location_id", "parent_ref",
    "address", "document", "line", "digest", "etag", "served", "errors", "is_orphan", "title", "description", "type",
    "lifecycle", "owner_ref", "system_ref", "tags", "terms", "facts", "written", "updated_at",
)  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in ("id", "uid", "ref"))
_SCRATCH = "CREATE TEMP TABLE IF NOT EXISTS entities_incoming (LIKE entities_entity) ON COMMIT DELETE ROWS"
# Rows go in by their key, so that one reservation of keys and one COPY serve new and changed entities alike.
_UPSERT = f"""
INSERT INTO entities_entity ({_NAMES}, created_at)
SELECT {_NAMES}, updated_at FROM entities_incoming
ON CONFLICT (ref) DO UPDATE SET {_CHANGES}
"""  # noqa: S608


def reserve_ids(refs: Sequence[str]) -> dict[str, int]:
    """A new primary key for each reference."""
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('entities_entity', 'id')) FROM generate_series(1, %s)", [len(refs)]
        )
        return dict(zip(refs, (row[0] for row in cursor.fetchall()), strict=True))


def copy_relations(cursor: Any, relations: Iterable[tuple[int, Relation]]) -> None:
    """Add relations, each with the key of the entity that gives it."""
    with cursor.copy("COPY entities_relation (origin_id, source, type, target) FROM STDIN") as copy:
        for origin, relation in relations:
            copy.write_row((origin, relation.source, relation.type, relation.target))


def upsert_entities(cursor: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the rows, or change those whose reference is there."""
    cursor.execute(_SCRATCH)
    cursor.execute("TRUNCATE entities_incoming")
    # The scratch table has the columns of the real one, of which ``created_at`` is not ours to give.
    cursor.execute("ALTER TABLE entities_incoming ALTER created_at DROP NOT NULL")
    with cursor.copy(f"COPY entities_incoming ({_NAMES}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_value(name, row[name]) for name in COLUMNS])
    cursor.execute(_UPSERT)


def _value(name: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if name in ("facts", "written") else value
