"""From a document to an entity with its relations, in the order of Backstage's orchestrator, without any database."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.entities.kinds import KINDS, KindRegistry
from catalog.entities.locations import annotate
from catalog.entities.placeholders import Reader, Substituted, has_placeholders, substitute
from catalog.entities.preparing import prepare
from catalog.entities.refs import Entity, LocationRef
from catalog.entities.refusals import Refusal
from catalog.entities.relations import Relation
from catalog.entities.storable import check_storable
from catalog.entities.validation import check_envelope, examine


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of a document; with ``refusals`` it is no entity, and ``entity`` is as far as it came.

    ``refresh_keys`` are the other files that it was made of, as ``type:target``.
    """

    entity: Entity
    relations: list[Relation] = field(default_factory=list)
    refresh_keys: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def process(
    document: Entity,
    location: LocationRef,
    read: Reader,
    *,
    origin: LocationRef | None = None,
    kinds: KindRegistry = KINDS,
) -> Processed:
    """Make an entity of a document that was read from ``location``, where the ingestion began at ``origin``.

    ``read`` gives the files that placeholders name. Never raises for what stands in the document: everything that is
    wrong with it is a refusal.
    """
    refusals = check_storable(document) or check_envelope(document)
    if refusals:
        return Processed(document, refusals=refusals)
    # PERF: looking for placeholders is much cheaper than a copy in which they are replaced.
    substituted = substitute(document, location, read) if has_placeholders(document) else Substituted(document)
    refusals = substituted.refusals or (check_storable(substituted.entity) if substituted.refresh_keys else [])
    if refusals:
        return Processed(document, refresh_keys=substituted.refresh_keys, refusals=refusals)
    entity = prepare(annotate(substituted.entity, location, origin or location), kinds)
    examined = examine(entity, kinds)
    return Processed(entity, examined.relations, substituted.refresh_keys, examined.refusals)
