"""Whether a document is an entity: envelope, common fields, forms of names, and the schema of its kind.

Rules: the order of Backstage's orchestrator; the first stage that refuses ends the examination, with all that it finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from catalog.entities import formats
from catalog.entities.formats import Format
from catalog.entities.kinds import KINDS, KindRegistry
from catalog.entities.kinds.schemas import ENTITY, ENVELOPE
from catalog.entities.refs import Entity
from catalog.entities.refusals import Reason, Refusal, Refused, path_of
from catalog.entities.relations import Relation, emit
from catalog.entities.wording import schema_refusals

_ENVELOPE = jsonschema_rs.Draft7Validator(ENVELOPE)
_ENTITY = jsonschema_rs.Draft7Validator(ENTITY)
_ROOT_FIELDS = frozenset({"apiVersion", "kind", "metadata", "spec"})


@dataclass(frozen=True, slots=True)
class Examined:
    """An entity with the relations that it gives; where ``refusals`` are, it is no entity and gives none."""

    entity: Entity
    relations: list[Relation] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether the catalog takes it."""
        return not self.refusals


def examine(entity: Entity, kinds: KindRegistry = KINDS) -> Examined:
    """Judge a prepared entity (see ``prepare``) and read its relations."""
    refusals = validate(entity, kinds)
    if refusals:
        return Examined(entity, refusals=refusals)
    try:
        return Examined(entity, emit(entity, kinds))
    except Refused as refused:
        return Examined(entity, refusals=refused.refusals)


def validate(entity: Entity, kinds: KindRegistry = KINDS) -> list[Refusal]:
    """All that the first failing stage finds wrong; an empty list for an entity of a known kind."""
    return check_envelope(entity) or _check_policies(entity) or _check_kind(entity, kinds)


def check_envelope(document: object) -> list[Refusal]:
    """Whether there is a version, a kind and a name, so that the document can be spoken of at all."""
    if not isinstance(document, dict):
        message = "The document is no mapping; an entity begins with apiVersion, kind and metadata."
        return [Refusal(Reason.ENVELOPE, "", message)]
    if _ENVELOPE.is_valid(document):
        return []
    return schema_refusals(_ENVELOPE, ENVELOPE, document, Reason.ENVELOPE)


def _check_policies(entity: Entity) -> list[Refusal]:
    if not _ENTITY.is_valid(entity):
        return schema_refusals(_ENTITY, ENTITY, entity, Reason.POLICY)
    return [*_foreign_fields(entity), *_ill_formed(entity)]


def _foreign_fields(entity: Entity) -> Iterator[Refusal]:
    for name in entity:
        if name not in _ROOT_FIELDS:
            yield Refusal(
                Reason.POLICY,
                path_of([name]),
                "is not a known field; an entity has apiVersion, kind, metadata and spec",
            )


def _ill_formed(entity: Entity) -> Iterator[Refusal]:
    for path, text, form in _formatted(entity):
        if not form.matches(text):
            yield Refusal(Reason.POLICY, path_of(path), f'has the wrong form: "{text}"; use {form.wanted}')


def _formatted(entity: Entity) -> Iterator[tuple[list[str | int], str, Format]]:
    """Every text of the common fields that must have a form."""
    metadata: Mapping[str, Any] = entity["metadata"]
    yield ["apiVersion"], entity["apiVersion"], formats.API_VERSION
    yield ["kind"], entity["kind"], formats.KIND
    yield ["metadata", "name"], metadata["name"], formats.NAME
    if "namespace" in metadata:
        yield ["metadata", "namespace"], metadata["namespace"], formats.NAMESPACE
    for key, value in metadata.get("labels", {}).items():
        yield ["metadata", "labels", key], key, formats.KEY
        yield ["metadata", "labels", key], value, formats.LABEL_VALUE
    for key in metadata.get("annotations", ()):
        yield ["metadata", "annotations", key], key, formats.KEY
    for place, tag in enumerate(metadata.get("tags", ())):
        yield ["metadata", "tags", place], tag, formats.TAG
    for place, link in enumerate(metadata.get("links", ())):
        yield ["metadata", "links", place, "url"], link["url"], formats.URL
        for name in ("title", "icon"):
            if name in link:
                yield ["metadata", "links", place, name], link[name], formats.NOT_BLANK


def _check_kind(entity: Entity, kinds: KindRegistry) -> list[Refusal]:
    kind = kinds.find(entity["kind"], entity["apiVersion"])
    if kind is None:
        return [_foreign_kind(entity["kind"], entity["apiVersion"], kinds)]
    if kind.validator.is_valid(entity):
        return []
    return schema_refusals(kind.validator, kind.schema, entity, Reason.SCHEMA)


def _foreign_kind(name: str, version: str, kinds: KindRegistry) -> Refusal:
    spelled = kinds.spelled(name)
    if spelled is None:
        known = ", ".join(sorted({kind.name for kind in kinds}))
        return Refusal(Reason.FOREIGN_KIND, "kind", f'"{name}" is not known here; the known kinds are {known}')
    if spelled != name:
        return Refusal(Reason.FOREIGN_KIND, "kind", f'is written "{name}"; write {spelled}')
    versions = " or ".join(kinds.versions_of(name))
    return Refusal(Reason.FOREIGN_KIND, "apiVersion", f'"{version}" is not known for the kind {name}; write {versions}')
