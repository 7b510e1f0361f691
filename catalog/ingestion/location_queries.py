"""``POST /locations/by-query``: pages of locations, with a predicate and a cursor that carries it."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse

from catalog.entities.api.answers import as_json, json_answer
from catalog.entities.filters import AllOf, AnyOf, Exists, Filter, HasPrefix, In, Not
from catalog.entities.predicates import parse_predicate
from catalog.ingestion.models import Location
from catalog.ingestion.wire import wire_location
from portal.accounts.subjects import Subject
from portal.api.wire import read_json, wire
from portal.lib.errors import Invalid
from portal.spaces import access

_DEFAULT_LIMIT, _MOST = 100, 10_000
_EVERYTHING, _NOTHING = Q(), Q(pk__in=[])
_COLUMNS = {"id": "uid_text", "type": "type", "target": "target", "entityref": "entity_ref"}


@wire("POST")
def by_query(request: HttpRequest, subject: Subject) -> HttpResponse:
    """``{cursor?, limit?, query?}``; beside a cursor the other two come from it."""
    body = read_json(request)
    cursor = _cursor(body["cursor"]) if body.get("cursor") is not None else {}
    limit = _limit(cursor.get("limit", body.get("limit", _DEFAULT_LIMIT)))
    query = cursor.get("query", body.get("query"))
    found = access.visible_to(subject, Location.objects.annotate(**_lowered()))
    if query is not None:
        found = found.filter(_condition(parse_predicate(query)))
    return json_answer(as_json(_page(found, query, limit, cursor)))


def _lowered() -> dict[str, Any]:
    # Predicates do not look at upper and lower case.
    columns = {name: Lower(F(column)) for name, column in _COLUMNS.items() if column != "uid_text"}
    return {f"{name}_key": value for name, value in columns.items()}


def _page(found: QuerySet[Location], query: Any, limit: int, cursor: dict[str, Any]) -> dict[str, Any]:
    total = cursor["total"] if "total" in cursor else found.count()
    rows = list(found.filter(pk__gt=cursor.get("after", 0)).order_by("pk")[: limit + 1])
    info: dict[str, str] = {}
    if len(rows) > limit and limit:
        facts = {"after": rows[limit - 1].pk, "limit": limit, "query": query, "total": total}
        info["nextCursor"] = base64.b64encode(json.dumps(facts, separators=(",", ":")).encode()).decode()
    return {"items": [wire_location(row) for row in rows[:limit]], "totalItems": total, "pageInfo": info}


def _limit(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise Invalid(f"request/body/limit must be an integer from 0 to {_MOST}")
    return value


def _cursor(text: Any) -> dict[str, Any]:
    try:
        facts = json.loads(base64.b64decode(text, validate=True))
        is_sound = isinstance(facts["after"], int) and isinstance(facts["total"], int) and abs(facts["after"]) < 2**63
        if not is_sound or not (facts["query"] is None or isinstance(facts["query"], dict)):
            raise ValueError
    except (ValueError, TypeError, KeyError, binascii.Error, RecursionError) as error:
        raise Invalid("Malformed cursor, could not be parsed") from error
    return {name: facts[name] for name in ("after", "limit", "query", "total") if name in facts}


def _condition(asked: Filter) -> Q:
    match asked:
        case AllOf(filters):
            found = _EVERYTHING
            for inner in filters:
                found &= _condition(inner)
            return found
        case AnyOf(filters):
            found = _NOTHING
            for inner in filters:
                found |= _condition(inner)
            return found
        case Not(inner):
            return ~_condition(inner)
        case Exists(key):
            return _EVERYTHING & Q(pk__gt=0) if key in _COLUMNS else _NOTHING
        case In(key, values):
            if key == "id":
                return Q(uid__in=[value for value in values if _is_uuid(value)])
            return Q(**{f"{key}_key__in": values}) if key in _COLUMNS else _NOTHING
        case HasPrefix(key, prefix):
            return Q(**{f"{key}_key__startswith": prefix}) if key in _COLUMNS and key != "id" else _NOTHING


def _is_uuid(text: str) -> bool:
    return len(text.replace("-", "")) == 32 and all(sign in "0123456789abcdef-" for sign in text)
