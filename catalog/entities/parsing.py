"""From a file's bytes to the documents in it that may be entities."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.entities.refs import Entity
from catalog.entities.refusals import Reason, Refusal
from portal.lib.yaml import Document, load_documents


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document of a file: ``index`` counts from 0 over all that are not empty; it begins on ``line``.

    ``entity`` is the mapping that was written, not judged yet; it is empty where ``refusals`` are.
    """

    index: int
    line: int
    entity: Entity = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)


def parse_documents(data: str | bytes) -> list[Parsed]:
    """All documents of a catalog file in order; empty ones are left out.

    Raises ``Invalid`` when it is no text, ``TooLarge`` when it is too long or holds too many documents.
    """
    documents = [document for document in load_documents(data) if document.error or document.value is not None]
    return [_parsed(index, document) for index, document in enumerate(documents)]


def _parsed(index: int, document: Document) -> Parsed:
    if document.error:
        return Parsed(index, document.line, refusals=[Refusal(Reason.YAML, "", str(document.error))])
    if isinstance(document.value, dict):
        return Parsed(index, document.line, document.value)
    message = f"line {document.line}: the document is no mapping; an entity begins with apiVersion, kind and metadata"
    return Parsed(index, document.line, refusals=[Refusal(Reason.YAML, "", message)])
