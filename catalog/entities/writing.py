"""The one place that writes entities: rows, relations and counts change together, and what is served is made here.

Writers take turns by one advisory lock for the short time of writing (see decisions/0001), so that two of them can
neither claim the same name nor miss each other's relations.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.entities import copying
from catalog.entities.counting import Counts
from catalog.entities.indexing import columns, counted, index
from catalog.entities.locations import ORPHAN
from catalog.entities.models import Entity as EntityRow
from catalog.entities.models import Relation as RelationRow
from catalog.entities.models import Waiting
from catalog.entities.refs import Entity, EntityRef
from catalog.entities.relations import Relation
from catalog.entities.stitch import etag_of, stitch

_LOCK = 0x63_61_74  # any number that nobody else locks
_CHUNK = 1000


@dataclass(slots=True)
class Incoming:
    """An entity as its source gives it now. ``errors`` are shown as its status beside what was good before."""

    ref: str
    entity: Entity
    relations: list[Relation]
    space_id: int
    location_id: int | None
    parent_ref: str = ""
    address: str = ""
    document: int = 0
    line: int = 0
    digest: str = ""

    def seal(self) -> Incoming:
        """Set the digest by which a later reading knows whether anything has changed.

        Characters that the database has no place for, NUL and halves of pairs, are replaced on the way.
        """
        text = self._text()
        if "\\u0000" in text or not _is_text(text):
            self.entity = _cleaned(self.entity)
            text = self._text()
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return self

    def _text(self) -> str:
        facts = [self.entity, self.space_id, self.parent_ref, self.address]
        return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class Outcome:
    """What a write did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    conflicts: list[Incoming] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    pk: int
    uid: uuid.UUID
    location_id: int | None
    digest: str
    errors: list[str]
    is_orphan: bool


def put_entities(incoming: Collection[Incoming], *, is_batch: bool = False) -> Outcome:
    """Add or change these entities, and serve everything anew that they change.

    A name that another location gives already is left alone and told in ``conflicts``. Must run in a transaction.
    A batch of many leaves the entities at the other ends of its relations to ``serve_waiting``, so that a team with a
    thousand components is not served anew with every batch.
    """
    _take_turn()
    outcome = Outcome()
    known = _known([item.ref for item in incoming])
    fresh: dict[str, Incoming] = {}
    for item in incoming:
        row = known.get(item.ref)
        if item.ref in fresh or (row and row.location_id != item.location_id):
            outcome.conflicts.append(item)
        elif row and row.digest == item.digest and not row.errors and not row.is_orphan:
            outcome.unchanged += 1
        else:
            fresh[item.ref] = item
            outcome.changed += row is not None
            outcome.added += row is None
    if fresh:
        _write(fresh, known, is_batch=is_batch)
    return outcome


def _take_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _known(refs: Iterable[str]) -> dict[str, _Known]:
    rows = EntityRow.objects.filter(ref__any=refs).values_list(
        "ref", "pk", "uid", "location_id", "digest", "errors", "is_orphan"
    )
    return {
        ref: _Known(pk, uid, location_id, digest, errors, is_orphan)
        for ref, pk, uid, location_id, digest, errors, is_orphan in rows
    }


def _write(fresh: Mapping[str, Incoming], known: Mapping[str, _Known], *, is_batch: bool) -> None:
    changed = [known[ref].pk for ref in fresh if ref in known]
    neighbours = _emitted_refs(changed)
    RelationRow.objects.filter(origin_id__any=changed).delete()
    new = {ref for ref in fresh if ref not in known}
    ids = copying.reserve_ids(sorted(new))
    ids |= {ref: known[ref].pk for ref in fresh if ref in known}
    relations = [(ids[ref], relation) for ref, item in fresh.items() for relation in item.relations]
    neighbours.update(relation.source for _, relation in relations)
    bodies = {ref: _Body.of(item, known.get(ref), ids[ref]) for ref, item in fresh.items()}
    neighbours -= fresh.keys()
    Waiting.objects.filter(ref__any=fresh).delete()
    if is_batch:
        Waiting.objects.bulk_create([Waiting(ref=ref) for ref in neighbours], ignore_conflicts=True, batch_size=5000)
        neighbours = set()
    _serve(bodies, neighbours, relations, new)


def serve_waiting() -> None:
    """Serve anew what batches have left, some at a time. What a killed worker left is served by the next reading."""
    while True:
        with transaction.atomic():
            _take_turn()
            refs = list(Waiting.objects.values_list("ref", flat=True)[:_CHUNK])
            _serve({}, set(refs), [])
            Waiting.objects.filter(ref__any=refs).delete()
        if len(refs) < _CHUNK:
            return


def _emitted_refs(origins: Collection[int]) -> set[str]:
    found = RelationRow.objects.filter(origin_id__any=origins).values_list("source", flat=True)
    return set(found) if origins else set()


@dataclass(slots=True)
class _Body:
    """An entity on its way to its row: what the source says, and what the row has beside that."""

    entity: Entity
    fields: dict[str, Any]

    @classmethod
    def of(cls, item: Incoming, known: _Known | None, pk: int) -> _Body:
        names = ("space_id", "location_id", "parent_ref", "address", "document", "line", "digest")
        fields = {name: getattr(item, name) for name in names}
        fields |= {"id": pk, "uid": known.uid if known else uuid.uuid4(), "errors": [], "is_orphan": False}
        return cls(item.entity, fields)


def _serve(
    bodies: dict[str, _Body],
    neighbours: set[str],
    added: list[tuple[int, Relation]],
    fresh: Collection[str] = (),
) -> None:
    """Write ``bodies``, and make the rows of ``neighbours`` anew, with the relations that all of them have now.

    ``fresh`` are the references without a row yet.
    """
    counts = Counts()
    counts.remove(body.fields["id"] for body in bodies.values())
    with connection.cursor() as cursor:
        # Relations point at rows that may not be there yet; the database looks when the transaction ends.
        copying.copy_relations(cursor, added)
        refs = [*bodies, *neighbours]
        for start in range(0, len(refs), _CHUNK):
            chunk = refs[start : start + _CHUNK]
            rows = {ref: bodies.pop(ref) for ref in chunk if ref in bodies}
            old = _stored_bodies(ref for ref in chunk if ref not in rows)
            counts.remove(body.fields["id"] for body in old.values())
            rows |= old
            related = _relations_of(rows)
            made = [_row(body, related.get(ref, [])) for ref, body in rows.items()]
            counts.add(made)
            copying.copy_entities(cursor, [row for row in made if row["ref"] in fresh])
            copying.replace_entities(cursor, [row for row in made if row["ref"] not in fresh])
    counts.write()


def _stored_bodies(refs: Iterable[str]) -> dict[str, _Body]:
    """Rows as they are, taken apart again so that they can be served anew."""
    found = {}
    for row in EntityRow.objects.filter(ref__any=refs).defer("terms", "facts", "written", "counted"):
        served = json.loads(row.served)
        for name in ("relations", "status"):
            served.pop(name, None)
        names = ("id", "uid", "space_id", "location_id", "parent_ref", "address", "document", "line", "digest",
                 "errors", "is_orphan")  # fmt: skip
        for name in ("etag", "uid"):
            served["metadata"].pop(name, None)
        served["metadata"].get("annotations", {}).pop(ORPHAN, None)
        found[row.ref] = _Body(served, {name: getattr(row, name) for name in names})
    return found


def _relations_of(refs: Iterable[str]) -> dict[str, list[Relation]]:
    related: dict[str, list[Relation]] = {}
    rows = RelationRow.objects.filter(source__any=refs).values_list("source", "type", "target")
    for source, type_, target in rows.iterator(chunk_size=5000):
        related.setdefault(source, []).append(Relation(source, type_, target))
    return related


def _row(body: _Body, relations: list[Relation]) -> dict[str, Any]:
    fields = body.fields
    uid, orphan, errors = str(fields["uid"]), fields["is_orphan"], fields["errors"]
    pairs = {(relation.type, relation.target) for relation in relations}
    etag = etag_of(fields["digest"], pairs, errors, orphan)
    served = stitch(body.entity, relations, errors, uid=uid, orphan=orphan, etag=etag)
    indexed = index(served)
    return {
        **fields,
        **columns(served),
        "ref": str(EntityRef.of(served)),
        "etag": served["metadata"]["etag"],
        "served": json.dumps(served, ensure_ascii=False, separators=(",", ":")),
        "counted": counted(indexed),
        "terms": indexed.terms,
        "facts": indexed.facts,
        "written": indexed.written,
        "updated_at": timezone.now(),
    }


@transaction.atomic
def remove_entities(pks: Collection[int]) -> int:
    """Delete entities with the relations that they gave, and serve those that were related to them anew."""
    _take_turn()
    if not pks:
        return 0
    rows = EntityRow.objects.filter(pk__any=pks)
    gone = set(rows.values_list("ref", flat=True))
    neighbours = _emitted_refs(pks) - gone
    counts = Counts()
    counts.remove(pks)
    counts.write()
    RelationRow.objects.filter(origin_id__any=pks).delete()
    # PERF: whatever hangs on entities goes along row by row, for which their content need not be fetched.
    rows.only("pk").delete()
    _serve({}, neighbours, [])
    return len(gone)


@transaction.atomic
def mark_entities(errors: Mapping[int, list[str]], orphans: Collection[int] = ()) -> int:
    """Show ``errors`` as the status of entities that stay as they were, and say which ones no source holds any more.

    Returns how many rows changed; those that say so already are left alone.
    """
    _take_turn()
    rows = EntityRow.objects.filter(pk__any=[*errors, *orphans]).values_list("pk", "ref", "errors", "is_orphan")
    changed = [
        (pk, ref) for pk, ref, old, orphan in rows
        if old != errors.get(pk, []) or orphan != (pk in orphans)
    ]  # fmt: skip
    bodies = _stored_bodies(ref for _, ref in changed)
    for body in bodies.values():
        body.fields["errors"] = errors.get(body.fields["id"], [])
        body.fields["is_orphan"] = body.fields["id"] in orphans
    _serve(bodies, set(), [])
    return len(changed)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value
