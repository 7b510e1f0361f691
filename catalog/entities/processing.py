"""From a document to an entity with its relations, in the order of Backstage's orchestrator, without any database."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.entities.kinds import KINDS, KindRegistry
from catalog.entities.locations import annotate
from catalog.entities.placeholders import Reader, Substituted, has_placeholders, substitute
from catalog.entities.preparing import check_depth, prepare
from catalog.entities.refs import Entity, LocationRef
from catalog.entities.refusals import Reason, Refusal
from catalog.entities.relations import Relation
from catalog.entities.validation import check_envelope, examine
from portal.lib.errors import TooLarge


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
    refusals = check_envelope(document) or _check_depth(document)
    if refusals:
        return Processed(document, refusals=refusals)
    # PERF: looking for placeholders is much cheaper than a copy in which they are replaced.
    substituted = substitute(document, location, read) if has_placeholders(document) else Substituted(document)
    if substituted.refusals:
        return Processed(document, refresh_keys=substituted.refresh_keys, refusals=substituted.refusals)
    entity = prepare(annotate(substituted.entity, location, origin or location), kinds)
    examined = examine(entity, kinds)
    return Processed(entity, examined.relations, substituted.refresh_keys, examined.refusals)


def _check_depth(document: Entity) -> list[Refusal]:
    try:
        check_depth(document)
    except TooLarge as error:
        return [Refusal(Reason.POLICY, "", error.detail)]
    return []
