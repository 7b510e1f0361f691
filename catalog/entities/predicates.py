"""The ``query`` of the catalog's API: a JSON object of conditions.

Rules: Backstage's filter predicates. ``$all``, ``$any`` and ``$not`` stand alone in their object; any other object is a
set of fields that must all hold. Of several operators in one condition the first of ``$exists``, ``$in``,
``$contains``, ``$hasPrefix`` counts, as Backstage has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from catalog.entities.filters import AllOf, AnyOf, Exists, Filter, HasPrefix, In, Not
from catalog.entities.flatten import value_text
from portal.lib.errors import Invalid

_FIELD = re.compile(r"(?:[^$\n\r].*)?")
_DEEPEST = 50


def parse_predicate(query: object) -> Filter:
    """The question that ``query`` asks.

    Raises ``Invalid`` for what is no predicate: unknown operators, operators beside fields, wrong types.
    """
    if not isinstance(query, dict):
        raise Invalid("Invalid query: the query must be an object.")
    return _predicate(query, _DEEPEST)


def _predicate(query: object, levels: int) -> Filter:
    if not isinstance(query, dict):
        raise Invalid(
            f'Invalid query: {_shown(query)} stands where a field is expected, as in {{"kind": "component"}}.'
        )
    if not levels:
        raise Invalid(f"Invalid query: it is nested more than {_DEEPEST} levels deep.")
    operator = next((name for name in ("$not", "$all", "$any") if name in query), None)
    if operator is None:
        return _all_of([_condition(field, value) for field, value in query.items()])
    if len(query) > 1:
        raise Invalid(
            f"Invalid query: {operator} must be the only key of its object; put the others into $all with it."
        )
    if operator == "$not":
        return Not(_predicate(query["$not"], levels - 1))
    if not isinstance(query[operator], list):
        raise Invalid(f"Invalid query: {operator} needs a list of queries.")
    filters = tuple(_predicate(inner, levels - 1) for inner in query[operator])
    return AllOf(filters) if operator == "$all" else AnyOf(filters)


def _all_of(filters: list[Filter]) -> Filter:
    return filters[0] if len(filters) == 1 else AllOf(tuple(filters))


def _condition(field: str, value: object) -> Filter:
    if not _FIELD.fullmatch(field):
        raise Invalid(f"Invalid query: {field!r} is no field and no operator that may stand here.")
    key = field.lower()
    if _is_primitive(value):
        return In(key, (_lowered(value),))
    if isinstance(value, dict):
        if isinstance(exists := value.get("$exists"), bool):
            return Exists(key) if exists else Not(Exists(key))
        if isinstance(wanted := value.get("$in"), list) and all(map(_is_primitive, wanted)):
            return In(key, tuple(map(_lowered, wanted)))
        if "$contains" in value:
            return _contains(key, value["$contains"])
        if isinstance(prefix := value.get("$hasPrefix"), str):
            return HasPrefix(key, prefix.lower())
    raise Invalid(
        f"Invalid query: {field!r} needs a text, a number, true or false, or one of "
        f"$exists (true or false), $in (a list), $contains and $hasPrefix (a text); it has {_shown(value)}."
    )


def _contains(key: str, wanted: object) -> Filter:
    if _is_primitive(wanted):
        return In(key, (_lowered(wanted),))
    if not isinstance(wanted, dict):
        raise Invalid(
            f"Invalid query: $contains of {key!r} needs a text, a number, true or false; it has {_shown(wanted)}."
        )
    if key != "relations":
        raise Invalid(f'Object form of $contains is not supported for field "{key}"')
    return _relation({name.lower(): value for name, value in wanted.items()}, len(wanted))


def _relation(wanted: Mapping[str, Any], written: int) -> Filter:
    if not wanted.keys() <= {"type", "targetref"} or len(wanted) != written:
        raise Invalid('The $contains operator for "relations" takes one "type" and one "targetRef", and nothing else')
    if not isinstance(type_ := wanted.get("type"), str) or not type_:
        raise Invalid('The $contains operator for "relations" requires a "type" string property')
    key = f"relations.{type_.lower()}"
    return In(key, _targets(wanted["targetref"])) if "targetref" in wanted else Exists(key)


def _targets(wanted: object) -> tuple[str, ...]:
    if isinstance(wanted, str):
        return (wanted.lower(),)
    values = wanted.get("$in") if isinstance(wanted, dict) and len(wanted) == 1 else None
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise Invalid('The "targetRef" of $contains needs a text, or {"$in": [...]} with at least one text')
    return tuple(value.lower() for value in values)


def _is_primitive(value: object) -> TypeGuard[str | float]:
    return isinstance(value, (str, int, float))


def _lowered(value: str | float) -> str:
    return value_text(value).lower()


def _shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case list():
            return "a list"
        case dict():
            return "an object"
    return repr(value)
