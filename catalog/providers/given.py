"""From documents that a provider has at hand to entities: the same examination as for those of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.entities.placeholders import has_placeholders
from catalog.entities.processing import Processed, process
from catalog.entities.refs import EntityRef, LocationRef
from catalog.entities.refusals import Reason as Refused
from catalog.entities.refusals import Refusal
from catalog.entities.rules import Rules
from catalog.ingestion.models import Reason
from catalog.ingestion.walking import Found, Trouble, ref_of
from portal.lib.errors import Invalid, TooLarge

_LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands in the place of a document that could not be read, and why."""

    reason: str


@dataclass(slots=True)
class Documents:
    """Documents in their order. ``taken`` are the place and reference of each entity, ``troubles`` the others."""

    origin: LocationRef
    documents: Iterable[tuple[int, Any]]
    rules: Rules | None = None
    most: int = 1_000_000
    troubles: list[Trouble] = field(default_factory=list)
    taken: list[tuple[int, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Found]:
        for place, document in self.documents:
            if place >= self.most:
                raise TooLarge(f"More than {self.most} entities in one call; give them in several.")
            found = self._found(place, document)
            if found is not None:
                self.taken.append((place, found.ref))
                yield found

    def _found(self, place: int, document: Any) -> Found | None:
        if isinstance(document, Broken):
            self._refuse(place, {}, document.reason, "document")
            return None
        made = self._processed(document)
        if made.refusals:
            self._refuse(place, made.entity, "; ".join(map(str, made.refusals)), made.refusals[0].reason.value)
            return None
        if self.rules is not None and not self.rules.allow(made.entity, self.origin):
            message = f"kind: {made.entity['kind']} may not come from here; the setting CATALOG_RULES says which may."
            self._refuse(place, made.entity, message, "rules")
            return None
        ref = str(EntityRef.of(made.entity))
        return Found(ref, made.entity, made.relations, str(self.origin), place, 0, "")

    def _processed(self, document: Any) -> Processed:
        if isinstance(document, dict) and has_placeholders(document):
            message = "placeholders ($text, $json, $yaml …) name files, and there are none here; give their content."
            return Processed(document, refusals=[Refusal(Refused.UNREACHABLE, "", message)])
        made = process(document, self.origin, _no_files)
        spec = made.entity.get("spec") if isinstance(made.entity, dict) else None
        if (
            isinstance(spec, dict)
            and made.entity.get("kind") == "Location"
            and (spec.get("target") or spec.get("targets"))
        ):
            message = "names targets, which are not followed from here; register their addresses."
            return Processed(made.entity, refusals=[Refusal(Refused.SCHEMA, "spec", message)])
        return made

    def _refuse(self, place: int, document: Any, message: str, reason: str) -> None:
        # NOTE: a place of its own, or one document without a name would stand for all that is wrong with the others.
        address = f"{self.origin}, item {place + 1}"
        self.troubles.append(
            Trouble(Reason.REJECTED, message[:_LONGEST_MESSAGE], address, place, None, ref_of(document), reason)
        )


def _no_files(location: LocationRef) -> bytes:
    raise Invalid(f"{location} cannot be read from here.")
