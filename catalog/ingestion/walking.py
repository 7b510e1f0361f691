"""From a registered location to everything that it gives: file by file, through the Location entities on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings

from catalog.entities.locations import generated_location, location_targets
from catalog.entities.parsing import Parsed, parse_documents
from catalog.entities.processing import Processed, process
from catalog.entities.refs import Entity, EntityRef, LocationRef
from catalog.entities.relations import Relation
from catalog.entities.rules import Rules, parse_rules
from catalog.ingestion.models import Reason
from catalog.ingestion.sources import Sources
from portal.lib.errors import NotFound, PortalError, TooLarge

_DEEPEST = 32
_MOST_FILES = 20_000
_LONGEST_MESSAGE = 2000


@dataclass(slots=True)
class Found:
    """A document that is an entity."""

    ref: str
    entity: Entity
    relations: list[Relation]
    address: str
    document: int
    line: int
    parent_ref: str


@dataclass(slots=True)
class Trouble:
    """Something that is none: a file that cannot be read, or a document that is refused."""

    reason: Reason
    message: str
    address: str = ""
    document: int | None = None
    line: int | None = None
    ref: str = ""
    detail_reason: str = ""
    parent_ref: str = ""


@dataclass(slots=True)
class _Stop:
    location: LocationRef
    parent_ref: str
    is_optional: bool
    depth: int


@dataclass(slots=True)
class Walk:
    """One way through a location. ``troubles`` are complete when the iteration has ended."""

    origin: LocationRef
    sources: Sources
    is_optional: bool = False
    rules: Rules | None = None
    troubles: list[Trouble] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[Found]:
        root = self._root()
        yield root
        stops = deque([_Stop(self.origin, root.ref, self.is_optional, 0)])
        while stops:
            stop = stops.popleft()
            for address in self._files(stop):
                for found in self._entities(address, stop):
                    yield found
                    stops.extend(self._targets(found, stop.depth + 1))

    def _root(self) -> Found:
        presence = "optional" if self.is_optional else "required"
        made = process(generated_location(self.origin, presence), self.origin, self.sources.read)
        return Found(str(EntityRef.of(made.entity)), made.entity, [], str(self.origin), 0, 0, "")

    def _files(self, stop: _Stop) -> list[LocationRef]:
        """The files of a stop that were not read yet; what goes wrong is told as trouble."""
        try:
            found = [address for address in self.sources.files(stop.location) if str(address) not in self._seen]
            if len(self._seen) + len(found) > _MOST_FILES:
                raise TooLarge(f"The location leads to more than {_MOST_FILES} files; split it.")
        except PortalError as error:
            self._unreadable(stop, stop.location, error)
            return []
        self._seen.update(map(str, found))
        return found

    def _unreadable(self, stop: _Stop, address: LocationRef, error: PortalError) -> None:
        if stop.is_optional and isinstance(error, NotFound):
            return
        self.troubles.append(
            Trouble(Reason.UNREADABLE, error.detail, str(address), detail_reason=error.code, parent_ref=stop.parent_ref)
        )

    def _entities(self, address: LocationRef, stop: _Stop) -> Iterator[Found]:
        try:
            documents = parse_documents(self.sources.read(address))
        except PortalError as error:
            self._unreadable(stop, address, error)
            return
        for document in documents:
            found = self._entity(document, address, stop)
            if found is not None:
                yield found

    def _entity(self, document: Parsed, address: LocationRef, stop: _Stop) -> Found | None:
        if document.refusals:
            self._refused(document, Processed(document.entity, refusals=document.refusals), address, stop)
            return None
        made = process(document.entity, address, self.sources.read, origin=self.origin)
        if made.refusals:
            self._refused(document, made, address, stop)
            return None
        if self.rules is not None and not self.rules.allow(made.entity, self.origin):
            message = f"kind: {made.entity['kind']} may not come from here; the setting CATALOG_RULES says which may."
            self.troubles.append(self._trouble(document, made, address, stop, message, "rules"))
            return None
        ref = str(EntityRef.of(made.entity))
        return Found(ref, made.entity, made.relations, str(address), document.index, document.line, stop.parent_ref)

    def _refused(self, document: Parsed, made: Processed, address: LocationRef, stop: _Stop) -> None:
        message = "; ".join(map(str, made.refusals))
        self.troubles.append(self._trouble(document, made, address, stop, message, made.refusals[0].reason.value))

    def _trouble(
        self, document: Parsed, made: Processed, address: LocationRef, stop: _Stop, message: str, reason: str
    ) -> Trouble:
        return Trouble(
            Reason.REJECTED, message[:_LONGEST_MESSAGE], str(address), document.index, document.line,
            ref_of(made.entity), reason, stop.parent_ref,
        )  # fmt: skip

    def _targets(self, found: Found, depth: int) -> Iterator[_Stop]:
        if found.entity["kind"] != "Location":
            return
        base = LocationRef.parse(found.address)
        targets = location_targets(found.entity, base)
        for refusal in targets.refusals:
            self.troubles.append(
                Trouble(
                    Reason.UNREADABLE,
                    str(refusal),
                    found.address,
                    found.document,
                    found.line,
                    found.ref,
                    refusal.reason.value,
                    found.ref,
                )
            )
        for target in targets.locations:
            if depth > _DEEPEST:
                message = f"{target} is not read: Locations name each other more than {_DEEPEST} levels deep."
                self.troubles.append(Trouble(Reason.UNREADABLE, message, found.address, parent_ref=found.ref))
                return
            yield _Stop(target, found.ref, targets.optional, depth)


def ref_of(document: object) -> str:
    """The reference that a refused document would have, or nothing where it cannot be told."""
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(metadata, dict):
        return ""
    parts = (document.get("kind"), metadata.get("namespace") or "default", metadata.get("name"))
    if not all(isinstance(part, str) and part for part in parts):
        return ""
    kind, namespace, name = parts
    return f"{kind}:{namespace}/{name}".lower()


def rules_from_settings() -> Rules | None:
    """Which kinds may come from where; None lets every kind in, for spaces and roles say who may bring it."""
    written = settings.CATALOG_RULES
    return None if written is None else parse_rules(written)
