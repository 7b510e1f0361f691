"""What clients ask, from the address or the body; everything that is wrong with it is a 400 that says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.http import HttpRequest, QueryDict

from catalog.entities.fields import Projection, parse_fields
from catalog.entities.filter_params import parse_filter_params
from catalog.entities.filters import AllOf, Filter
from catalog.entities.predicates import parse_predicate
from portal.lib.errors import Invalid

Direction = Literal["asc", "desc"]
_DEFAULT_LIMIT = 200
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """A key to order by, in lower case, and the direction."""

    key: str
    direction: Direction = "asc"


@dataclass(frozen=True, slots=True)
class Question:
    """A page of entities: which ones, in which order, from where, with what shown of them."""

    filter: Filter | None = None
    order: Order | None = None
    text: str = ""
    text_keys: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    projection: Projection | None = None
    wants_total: bool = True

    def with_(self, **changes: Any) -> Question:
        """The same question with changes."""
        return replace(self, **changes)


def query_of(request: HttpRequest) -> QueryDict:
    """The parameters of the address, without NUL, which no text of the catalog has."""
    if "%00" not in request.META.get("QUERY_STRING", ""):
        return request.GET
    query = request.GET.copy()
    for key in list(query):
        query.setlist(key, [value.replace("\x00", "\ufffd") for value in query.getlist(key)])
    return query


def whole(query: QueryDict, name: str, *, default: int | None = None) -> int | None:
    """A whole number from 0; raises ``Invalid`` for others."""
    if name not in query:
        return default
    text = str(query[name]).strip()
    if not re.fullmatch(r"[+-]?\d{1,18}", text):
        raise Invalid(f"request/query/{name} must be integer")
    number = int(text)
    if number < 0:
        raise Invalid(f"request/query/{name} must be >= 0")
    return min(number, _MOST)


def filter_of(query: QueryDict) -> Filter | None:
    """The ``filter`` parameters."""
    return parse_filter_params([*query.getlist("filter"), *query.getlist("filter[]")])


def fields_of(query: QueryDict) -> Projection | None:
    """The ``fields`` parameters."""
    return parse_fields(query.getlist("fields"))


def both(first: Filter | None, second: Filter | None) -> Filter | None:
    """Two questions that must both hold."""
    return AllOf((first, second)) if first is not None and second is not None else first or second


def order_of(query: QueryDict) -> Order | None:
    """The first ``order`` of ``GET /entities``: ``asc:key`` or ``desc:key``."""
    orders = []
    for text in query.getlist("order"):
        direction, colon, key = text.partition(":")
        if direction not in ("asc", "desc") or not colon or not key:
            raise Invalid(f'Invalid order parameter "{text}", expected "<asc or desc>:<field name>"')
        orders.append(Order(key.lower(), "asc" if direction == "asc" else "desc"))
    return orders[0] if orders else None


def order_field_of(query: QueryDict) -> Order | None:
    """The first ``orderField`` of ``GET /entities/by-query``: ``key`` or ``key,asc`` or ``key,desc``."""
    texts = query.getlist("orderField")
    if texts == [""]:
        raise Invalid("Empty value found for query parameter 'orderField'")
    orders = []
    for text in filter(None, texts):
        key, comma, direction = text.partition(",")
        if comma and direction not in ("asc", "desc"):
            raise Invalid("Invalid order field order, must be asc or desc")
        orders.append(Order(key.lower(), "desc" if direction == "desc" else "asc"))
    return orders[0] if orders else None


def query_question(query: QueryDict) -> Question:
    """What ``GET /entities/by-query`` asks, beside a cursor."""
    term = query.get("fullTextFilterTerm")
    if term == "":
        raise Invalid("Empty value found for query parameter 'fullTextFilterTerm'")
    keys = [key.strip().lower() for text in query.getlist("fullTextFilterFields") for key in text.split(",")]
    if query.get("totalItems", "include") not in ("include", "exclude"):
        raise Invalid("request/query/totalItems must be equal to one of the allowed values: include, exclude")
    return Question(
        filter=filter_of(query),
        order=order_field_of(query),
        text=(term or "").strip(),
        text_keys=tuple(filter(None, keys)),
        limit=whole(query, "limit", default=_DEFAULT_LIMIT),
        offset=whole(query, "offset") or 0,
        projection=fields_of(query),
        wants_total=query.get("totalItems") != "exclude",
    )


def body_question(body: Mapping[str, Any]) -> Question:
    """What ``POST /entities/by-query`` asks, beside a cursor."""
    text, keys = _full_text(body)
    limit = body.get("limit", _DEFAULT_LIMIT)
    if not isinstance(limit, int) or isinstance(limit, bool):
        raise Invalid("request/body/limit must be number")
    if limit < 0:
        raise Invalid("request/body/limit must be >= 0")
    if body.get("totalItems", "include") not in ("include", "exclude"):
        raise Invalid("request/body/totalItems must be equal to one of the allowed values: include, exclude")
    return Question(
        filter=predicate_of(body),
        order=_order_by(body),
        text=text,
        text_keys=keys,
        limit=min(limit, _MOST),
        offset=0,
        projection=body_fields(body),
        wants_total=body.get("totalItems") != "exclude",
    )


def predicate_of(body: Mapping[str, Any]) -> Filter | None:
    """The ``query`` of a body."""
    if "query" not in body:
        return None
    if not isinstance(body["query"], dict):
        raise Invalid("request/body/query must be object")
    return parse_predicate(body["query"])


def body_fields(body: Mapping[str, Any]) -> Projection | None:
    """The ``fields`` of a body."""
    fields = texts_of(body, "fields") if "fields" in body else []
    return parse_fields(fields) if fields else None


def texts_of(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts in a body."""
    if name not in body:
        raise Invalid(f"request/body must have required property '{name}'")
    values = body[name]
    if not isinstance(values, list):
        raise Invalid(f"request/body/{name} must be array")
    for place, value in enumerate(values):
        if not isinstance(value, str):
            raise Invalid(f"request/body/{name}/{place} must be string")
    return [value.replace("\x00", "\ufffd") for value in values]


def _full_text(body: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    asked = body.get("fullTextFilter", {})
    if not isinstance(asked, dict):
        raise Invalid("request/body/fullTextFilter must be object")
    term = asked.get("term", "")
    if not isinstance(term, str):
        raise Invalid("request/body/fullTextFilter/term must be string")
    keys = texts_of(asked, "fields") if "fields" in asked else []
    return term.strip().replace("\x00", ""), tuple(key.strip().lower() for key in keys if key.strip())


def _order_by(body: Mapping[str, Any]) -> Order | None:
    rows = body.get("orderBy", [])
    if not isinstance(rows, list):
        raise Invalid("request/body/orderBy must be array")
    orders = [_order(place, row) for place, row in enumerate(rows)]
    return orders[0] if orders else None


def _order(place: int, row: object) -> Order:
    where = f"request/body/orderBy/{place}"
    if not isinstance(row, dict):
        raise Invalid(f"{where} must be object")
    for name in ("field", "order"):
        if not isinstance(row.get(name), str):
            raise Invalid(f"{where} must have required property '{name}'")
    if row["order"] not in ("asc", "desc"):
        raise Invalid(f"{where}/order must be equal to one of the allowed values: asc, desc")
    return Order(row["field"].lower(), row["order"])
