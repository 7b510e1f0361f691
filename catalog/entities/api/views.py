"""The read side of ``/api/catalog``, and deleting an entity."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from catalog.entities.api.answers import as_json, json_answer, list_answer, shown, streamed_list
from catalog.entities.api.cursors import decode, read_offset_cursor, write_offset_cursor
from catalog.entities.api.pages import Page, first_page, found_by, ordered, page_at
from catalog.entities.api.parameters import (
    Question,
    body_fields,
    body_question,
    both,
    fields_of,
    filter_of,
    order_of,
    predicate_of,
    query_of,
    query_question,
    texts_of,
    whole,
)
from catalog.entities.fields import Projection
from catalog.entities.models import Entity
from catalog.entities.querysets import condition, facets, visible_entities
from catalog.entities.withholding import presented, presented_one
from portal.accounts.subjects import Subject
from portal.api.wire import read_json, wire
from portal.lib.errors import Invalid, NotFound

# Lists up to this length are sent in one piece, which is quicker than a stream.
_ONE_PIECE = 1000
_MOST_REFS = 10_000
_DEEPEST = 32


@wire("GET")
def entity_list(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """``GET /entities``: everything that fits, as one array."""
    query = query_of(request)
    limit, offset = whole(query, "limit"), whole(query, "offset")
    if "after" in query:
        after_limit, after_offset = read_offset_cursor(str(query["after"]))
        limit, offset = after_limit or limit, after_offset if after_offset is not None else offset
    if limit == 0:
        raise Invalid("Invalid limit, must be greater than zero")
    question = Question(
        filter=filter_of(query), order=order_of(query), limit=limit, offset=offset or 0, projection=fields_of(query)
    )
    found = found_by(subject, question)
    found = ordered(found, question) if question.order else found.order_by("ref")
    if limit is None or limit > _ONE_PIECE:
        return _streamed(request, subject, found, question)
    return _limited(request, subject, found, question)


def _streamed(request: HttpRequest, subject: Subject, found: QuerySet[Entity], question: Question) -> HttpResponseBase:
    end = None if question.limit is None else question.offset + question.limit
    rows = found.values_list("ref", "served")[question.offset : end].iterator(chunk_size=500)
    return streamed_list(request, iter(shown(presented(subject, rows), question.projection)))


def _limited(request: HttpRequest, subject: Subject, found: QuerySet[Entity], question: Question) -> HttpResponse:
    limit = question.limit or 0
    rows = list(found.values_list("ref", "served")[question.offset : question.offset + limit + 1])
    answer = list_answer(shown(presented(subject, rows[:limit]), question.projection))
    if len(rows) > limit:
        query = request.GET.copy()
        for name in ("limit", "offset", "after"):
            query.pop(name, None)
        query["after"] = write_offset_cursor(limit, question.offset + limit)
        answer["Link"] = f'<{request.path}?{urlencode(list(_pairs(query)))}>; rel="next"'
    return answer


def _pairs(query: Any) -> Iterable[tuple[str, str]]:
    for name in query:
        for value in query.getlist(name):
            yield name, value


@wire("GET", "POST")
def by_query(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``GET`` and ``POST /entities/by-query``: pages with a total and cursors in both directions."""
    if request.method == "POST":
        body = read_json(request)
        question, cursor = body_question(body), body.get("cursor")
        source: dict[str, Any] = {"query": body["query"]} if "query" in body else {}
    else:
        query = query_of(request)
        question, cursor = query_question(query), query.get("cursor")
        source = {"filter": [*query.getlist("filter"), *query.getlist("filter[]")]}
    if cursor:
        if not isinstance(cursor, str):
            raise Invalid("request/body/cursor must be string")
        return _page_answer(page_at(subject, decode(cursor, question)), question.projection)
    return _page_answer(first_page(subject, question, source), question.projection)


def _page_answer(page: Page, projection: Projection | None) -> HttpResponse:
    cursors = {"nextCursor": page.next, "prevCursor": page.previous}
    info = as_json({name: cursor for name, cursor in cursors.items() if cursor})
    items = ",".join(shown(page.served, projection))
    return json_answer(f'{{"items":[{items}],"totalItems":{page.total},"pageInfo":{info}}}')


@wire("GET")
def by_name(request: HttpRequest, subject: Subject, kind: str, namespace: str, name: str) -> HttpResponse:
    """``GET /entities/by-name/{kind}/{namespace}/{name}``, whatever the case."""
    ref = f"{kind}:{namespace}/{name}".lower()
    served = visible_entities(subject).filter(ref=_plain(ref)).values_list("served", flat=True)[:1]
    for text in served:
        return json_answer(presented_one(subject, _plain(ref), text))
    raise NotFound(f"No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'")


def _plain(text: str) -> str:
    return text.replace("\x00", "\ufffd")


def entity_with_uid(subject: Subject, uid: str) -> Entity | None:
    """The visible entity with this uid."""
    try:
        wanted = uuid.UUID(uid)
    except ValueError:
        return None
    return visible_entities(subject).filter(uid=wanted).first()


@wire("POST")
def by_refs(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``POST /entities/by-refs``: the entities in the order of the references, null where there is none."""
    body = read_json(request)
    refs = texts_of(body, "entityRefs")
    if len(refs) > _MOST_REFS:
        raise Invalid(f"request/body/entityRefs must not have more than {_MOST_REFS} items")
    projection = body_fields(body)
    asked = both(filter_of(query_of(request)), predicate_of(body))
    found = visible_entities(subject).filter(ref__any=set(refs))
    if asked is not None:
        found = found.filter(condition(asked, subject))
    listed = list(found.values_list("ref", "served"))
    rows = dict(zip([ref for ref, _ in listed], presented(subject, listed), strict=True))
    texts = dict(zip(rows, shown(rows.values(), projection), strict=True))
    return json_answer('{"items":[' + ",".join(texts.get(ref, "null") for ref in refs) + "]}")


@wire("GET", "POST")
def entity_facets(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``GET`` and ``POST /entity-facets``: values and how many entities have them."""
    if request.method == "POST":
        body = read_json(request)
        keys, asked = texts_of(body, "facets"), predicate_of(body)
        if not keys:
            raise Invalid("Missing or empty facets parameter")
    else:
        query = query_of(request)
        keys, asked = query.getlist("facet"), filter_of(query)
        if not keys:
            raise Invalid("request/query must have required property 'facet'")
        if keys == [""]:
            raise Invalid("Empty value found for query parameter 'facet'")
    found = found_by(subject, Question(filter=asked))
    counted = facets(subject, dict.fromkeys(keys), asked, found)
    rows = {key: [{"value": value, "count": count} for value, count in values] for key, values in counted.items()}
    return json_answer(as_json({"facets": rows}))


@wire("GET")
def ancestry(request: HttpRequest, subject: Subject, kind: str, namespace: str, name: str) -> HttpResponse:
    """``GET …/ancestry``: the entity and the Locations that led to it, as far as they may be seen."""
    ref = f"{kind}:{namespace}/{name}".lower()
    chain: list[Entity] = []
    wanted = _plain(ref)
    while wanted and len(chain) < _DEEPEST:
        row = visible_entities(subject).filter(ref=wanted).only("ref", "served", "parent_ref").first()
        if row is None or any(item.ref == row.ref for item in chain):
            break
        chain.append(row)
        wanted = row.parent_ref
    if not chain:
        raise NotFound(f"No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'")
    seen = {row.ref for row in chain}
    texts = presented(subject, [(row.ref, row.served) for row in chain])
    items = [
        {"entity": json.loads(text), "parentEntityRefs": [row.parent_ref] if row.parent_ref in seen else []}
        for row, text in zip(chain, texts, strict=True)
    ]
    return json_answer(as_json({"rootEntityRef": ref, "items": items}))
