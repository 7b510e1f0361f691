"""Cursors of by-query: where a page begins, and the question that it belongs to, as base64 of JSON.

SECURITY: rights are never in a cursor; they are asked for again with every page.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.entities.api.parameters import Order, Question
from catalog.entities.filter_params import parse_filter_params
from catalog.entities.predicates import parse_predicate
from portal.lib.errors import Invalid


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two entities: ``value`` and ``pk`` of the one beside it; ``first_pk`` of the very first."""

    question: Question
    source: Mapping[str, Any]
    value: str | None
    pk: int
    is_previous: bool
    first_pk: int
    total: int | None

    def encode(self) -> str:
        """As text for clients."""
        order = self.question.order
        facts = {
            **self.source,
            "orderFields": [{"field": order.key, "order": order.direction}] if order else [],
            "orderFieldValues": [self.value, self.pk],
            "isPrevious": self.is_previous,
            "firstPk": self.first_pk,
            "fullTextFilter": {"term": self.question.text, "fields": list(self.question.text_keys)},
            "totalItems": self.total,
        }
        return base64.b64encode(json.dumps(facts, separators=(",", ":")).encode()).decode()


def decode(text: str, asked: Question) -> Cursor:
    """Read a cursor; limit and fields are those that are asked for now. Raises ``Invalid`` for what is none."""
    facts = _facts(text)
    try:
        value, pk = facts["orderFieldValues"]
        order = [Order(str(row["field"]), _direction(row["order"])) for row in facts["orderFields"]]
        full_text = facts.get("fullTextFilter") or {}
        total = facts.get("totalItems")
        is_sound = isinstance(pk, int) and (value is None or isinstance(value, str)) and abs(pk) < 2**63
        if not is_sound or not (total is None or isinstance(total, int)):
            raise ValueError
        keys = tuple(map(str, full_text.get("fields", ())))
        question = asked.with_(
            filter=_filter(facts), order=order[0] if order else None, text=str(full_text.get("term", "")),
            text_keys=keys, offset=0,
        )  # fmt: skip
        first = int(facts.get("firstPk", 0))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("Malformed cursor: it lacks what a cursor of this catalog has.") from error
    source: dict[str, Any] = {name: facts[name] for name in ("filter", "query") if name in facts}
    return Cursor(question, source, value, pk, bool(facts.get("isPrevious")), first, total)


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid("Malformed cursor, could not be parsed") from error
    if not isinstance(facts, dict):
        raise Invalid("Malformed cursor, could not be parsed")
    return facts


def _direction(text: object) -> Any:
    if text not in ("asc", "desc"):
        raise ValueError
    return text


def _filter(facts: Mapping[str, Any]) -> Any:
    if "query" in facts:
        return parse_predicate(facts["query"])
    return parse_filter_params([str(text) for text in facts.get("filter", ())])


def read_offset_cursor(text: str) -> tuple[int | None, int | None]:
    """The limit and offset in the ``after`` of ``GET /entities``."""
    try:
        facts = json.loads(base64.b64decode(text, validate=True))
        found = [facts.get(name) for name in ("limit", "offset")]
    except (binascii.Error, ValueError, AttributeError, RecursionError) as error:
        raise Invalid("Malformed after cursor, could not be parsed") from error
    if not all(value is None or (isinstance(value, int) and 0 <= value < 2**31) for value in found):
        raise Invalid("Malformed after cursor, could not be parsed")
    return found[0], found[1]


def write_offset_cursor(limit: int | None, offset: int) -> str:
    """The ``after`` of the page that begins at ``offset``."""
    return base64.b64encode(json.dumps({"limit": limit, "offset": offset}).encode()).decode()
