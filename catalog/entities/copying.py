"""Many rows at once, the way PostgreSQL likes best: COPY, for changes by way of a scratch table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from catalog.entities.relations import Relation

COLUMNS = (
    "id", "uid", "ref", "kind", "namespace", "name", "kind_key", "name_key", "space_id", "location_id", "parent_ref",
    "address", "document", "line", "digest", "etag", "served", "errors", "is_orphan", "title", "description", "type",
    "lifecycle", "owner_ref", "system_ref", "tags", "words", "counted", "terms", "facts", "written", "updated_at",
)  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_SCRATCH = "CREATE TEMP TABLE IF NOT EXISTS entities_incoming (LIKE entities_entity) ON COMMIT DELETE ROWS"
_CHANGES = ", ".join(f"{name} = incoming.{name}" for name in COLUMNS if name not in ("id", "uid", "ref"))
_REPLACE = f"""
UPDATE entities_entity AS entity SET {_CHANGES} FROM entities_incoming AS incoming WHERE entity.id = incoming.id
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


def copy_entities(cursor: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows that are new."""
    if rows:
        _copy(cursor, "entities_entity", rows)


def replace_entities(cursor: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows that are there, by their key."""
    if not rows:
        return
    cursor.execute(_SCRATCH)
    cursor.execute("TRUNCATE entities_incoming")
    _copy(cursor, "entities_incoming", rows)
    cursor.execute(_REPLACE)


def _copy(cursor: Any, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    # ``created_at`` is kept by the database's rows; for new ones it is the time of writing.
    with cursor.copy(f"COPY {table} ({_NAMES}, created_at) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([*(_value(name, row[name]) for name in COLUMNS), row["updated_at"]])


def _value(name: str, value: Any) -> Any:
    if name in ("facts", "written"):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if name == "terms":
        # PERF: as text at once; the driver would look at each number by itself.
        return f"{{{','.join(map(str, value))}}}"
    return value
