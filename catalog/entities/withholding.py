"""Relations that others say, kept from whoever may not see those others.

A group has ``ownerOf`` for each component that names it as its owner. The component says so, and stands in the group's
served text and index; somebody who sees the group and not the component must not learn of it by any of them. What an
entity says of itself is its own text and is always shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from catalog.entities.kinds import KINDS
from catalog.entities.models import Entity, Relation
from catalog.entities.policies import Permission
from catalog.entities.stitch import etag_of
from portal.accounts.subjects import Subject
from portal.spaces import access

PREFIX = "relations."
_PIECE = 500
_Pair = tuple[str, str]
_Source = tuple[str, list[str], bool]


def sees_all(subject: Subject) -> bool:
    """Nothing is kept from this subject."""
    return access.reach(subject, Permission.ENTITY_READ).everywhere


def said_by_others(key: str) -> bool:
    """Can ``key`` of the index (in lower case) hold what other entities say?"""
    if not key.startswith(PREFIX):
        return key == PREFIX.rstrip(".")
    return key.removeprefix(PREFIX).partition(".")[0] not in _own_types()


def _own_types() -> set[str]:
    """Relation types that entities only say of themselves: no field of any kind has one as its inverse."""
    fields = [field for kind in KINDS for field in kind.relations]
    return {field.type.lower() for field in fields} - {field.inverse.lower() for field in fields}


def _told(subject: Subject) -> QuerySet[Relation]:
    """Relations that the subject may know of: said by the entity itself, or by one that the subject sees."""
    seen = Entity.objects.filter(pk=OuterRef("origin_id"))
    return Relation.objects.filter(Q(origin__ref=F("source")) | Exists(access.visible_to(subject, seen)))


def related(subject: Subject, key: str, test: Q | None = None) -> Exists:
    """Entities with a relation that the subject may know of; ``test`` is about ``goal``, its target in lower case."""
    name = key.removeprefix(PREFIX)
    rows = _told(subject).filter(source=OuterRef("ref")).annotate(kind=Lower("type"), goal=Lower("target"))
    rows = rows.filter(kind=name)
    return Exists(rows.filter(test) if test is not None else rows)


def targets_of(subject: Subject, key: str, found: QuerySet[Entity]) -> list[tuple[str, int]]:
    """The values of a facet over ``key``: targets that the subject may know of, each with the number of entities."""
    rows = _told(subject).annotate(kind=Lower("type")).filter(kind=key.removeprefix(PREFIX))
    rows = rows.filter(source__in=found.order_by().values("ref"))
    return list(rows.order_by().values_list("target").annotate(count=Count("source", distinct=True)))


def hidden(subject: Subject, refs: Iterable[str]) -> dict[str, set[_Pair]]:
    """For each entity of ``refs`` that has some: the (type, target) pairs that the subject may not know of."""
    if sees_all(subject):
        return {}
    seen = Entity.objects.filter(pk=OuterRef("origin_id"))
    rows = Relation.objects.filter(source__any=refs).exclude(origin__ref=F("source"))
    unseen = rows.exclude(Exists(access.visible_to(subject, seen))).values_list("source", "type", "target")
    found: dict[str, set[_Pair]] = defaultdict(set)
    for source, kind, target in unseen:
        found[source].add((kind, target))
    if found:
        # The same may be said by another one who is seen.
        for source, kind, target in _told(subject).filter(source__any=found).values_list("source", "type", "target"):
            found[source].discard((kind, target))
    return found


def presented(subject: Subject, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The served text of each (ref, text), without what the subject may not know of; in pieces, for long lists."""
    if sees_all(subject):
        yield from (text for _, text in rows)
        return
    walk = iter(rows)
    while piece := list(islice(walk, _PIECE)):
        withheld = hidden(subject, [ref for ref, _ in piece])
        sources = _sources(withheld)
        for ref, text in piece:
            yield _stripped(text, withheld[ref], sources[ref]) if withheld.get(ref) else text


def presented_one(subject: Subject, ref: str, text: str) -> str:
    """The served text of one entity, without what the subject may not know of."""
    return next(presented(subject, [(ref, text)]))


def _sources(withheld: dict[str, set[_Pair]]) -> dict[str, _Source]:
    """Of what the etags of these entities are made, beside relations."""
    rows = Entity.objects.filter(ref__any=withheld).values_list("ref", "digest", "errors", "is_orphan")
    return {ref: (digest, errors, is_orphan) for ref, digest, errors, is_orphan in rows} if withheld else {}


def _stripped(text: str, withheld: set[_Pair], source: _Source) -> str:
    """A served text without some relations, as if they had never been said: its etag, too."""
    entity: dict[str, Any] = json.loads(text)
    digest, errors, is_orphan = source
    pairs = {(row["type"], row["targetRef"]) for row in entity.get("relations", [])}
    # An etag that the source gave stays; one that was made of the content is made of what is left.
    if entity["metadata"].get("etag") == etag_of(digest, pairs, errors, is_orphan):
        entity["metadata"]["etag"] = etag_of(digest, pairs - withheld, errors, is_orphan)
    entity["relations"] = [row for row in entity["relations"] if (row["type"], row["targetRef"]) not in withheld]
    return json.dumps(entity, ensure_ascii=False, separators=(",", ":"))
