"""Pages of entities: what a question finds for a subject, as stored text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

from catalog.entities.api.cursors import Cursor
from catalog.entities.api.parameters import Question
from catalog.entities.models import Entity
from catalog.entities.querysets import (
    condition,
    containing,
    having,
    is_withheld,
    sort_expression,
    total,
    visible_entities,
)
from catalog.entities.withholding import presented
from portal.accounts.subjects import Subject

_DEFAULT_TEXT_KEY = "metadata.uid"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: stored JSON texts, the total where asked for, and cursors to its neighbours."""

    served: list[str]
    total: int
    next: str = ""
    previous: str = ""


def found_by(subject: Subject, question: Question) -> QuerySet[Entity]:
    """All that a question finds, in no order."""
    found = visible_entities(subject)
    if question.filter is not None:
        found = found.filter(condition(question.filter, subject))
    if question.text:
        default = question.order.key if question.order else _DEFAULT_TEXT_KEY
        keys = [key for key in question.text_keys or (default,) if not is_withheld(subject, key)]
        found = found.filter(containing(question.text, keys)) if keys else found.none()
    if question.order is not None:
        # SECURITY: an order tells what it orders by, so it is as if nobody had the key.
        found = found.none() if is_withheld(subject, question.order.key) else found.filter(having(question.order.key))
    return found


def ordered(found: QuerySet[Entity], question: Question, *, backwards: bool = False) -> QuerySet[Entity]:
    """In the order that was asked for, else that of the rows; equal values in the order of the rows."""
    is_down = question.order is not None and question.order.direction == "desc"
    if question.order is None:
        return found.annotate(sort=F("ref")).order_by("-pk" if backwards else "pk")
    found = found.annotate(sort=sort_expression(question.order.key))
    value = F("sort").desc() if is_down != backwards else F("sort").asc()
    return found.order_by(value, "-pk" if is_down != backwards else "pk")


def first_page(subject: Subject, question: Question, source: Mapping[str, Any]) -> Page:
    """The page at the question's offset. ``source`` is the question as it was written, for the cursors."""
    found = found_by(subject, question)
    count = _total(subject, question, found) if question.wants_total else 0
    rows = _rows(subject, ordered(found, question), question, question.offset)
    return _page(rows, question, source, count, first=rows[0][2] if rows else 0, is_first=True)


def page_at(subject: Subject, cursor: Cursor) -> Page:
    """The page behind a cursor, or before it."""
    question = cursor.question
    found = found_by(subject, question)
    count = cursor.total if cursor.total is not None else _total(subject, question, found)
    beyond = ordered(found, question, backwards=cursor.is_previous).filter(_beyond(cursor))
    rows = _rows(subject, beyond, question, 0)
    if not cursor.is_previous:
        return _page(rows, question, cursor.source, count, first=cursor.first_pk, is_first=False)
    limit = question.limit or 0
    has_more = len(rows) > limit
    rows = list(reversed(rows[:limit]))
    is_first = not has_more or bool(rows and rows[0][2] == cursor.first_pk)
    return _page(rows, question, cursor.source, count, first=cursor.first_pk, is_first=is_first, has_next=True)


def _total(subject: Subject, question: Question, found: QuerySet[Entity]) -> int:
    orders_all = question.order is None or having(question.order.key) == Q()
    if question.text or not orders_all:
        return found.count()
    return total(subject, question.filter, found)


def _rows(subject: Subject, found: QuerySet[Any], question: Question, offset: int) -> list[tuple[str, str, int]]:
    if not question.limit:
        return []
    rows = list(found.values_list("served", "sort", "pk", "ref")[offset : offset + question.limit + 1])
    texts = presented(subject, [(row[3], row[0]) for row in rows])
    return [(text, sort, pk) for text, (_, sort, pk, _) in zip(texts, rows, strict=True)]


def _beyond(cursor: Cursor) -> Q:
    order = cursor.question.order
    is_up = (order is None or order.direction == "asc") != cursor.is_previous
    way = "gt" if is_up else "lt"
    if order is None:
        return Q(**{f"pk__{way}": cursor.pk})
    place: dict[str, Any] = {"sort": cursor.value, f"pk__{way}": cursor.pk}
    return Q(**{f"sort__{way}": cursor.value}) | Q(**place)


def _page(
    rows: list[tuple[str, str, int]], question: Question, source: Mapping[str, Any], count: int,
    *, first: int, is_first: bool, has_next: bool = False,
) -> Page:  # fmt: skip
    limit = question.limit or 0
    has_next = has_next or len(rows) > limit
    rows = rows[:limit]
    if not rows:
        return Page([], count)

    def cursor(row: tuple[str, str, int], *, is_previous: bool) -> str:
        value = row[1] if question.order else None
        return Cursor(question, source, value, row[2], is_previous, first, count).encode()

    return Page(
        [row[0] for row in rows],
        count,
        next=cursor(rows[-1], is_previous=False) if has_next else "",
        previous="" if is_first else cursor(rows[0], is_previous=True),
    )
