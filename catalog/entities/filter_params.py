"""The ``filter`` parameters of the catalog's API.

Rules: Backstage's. Parameters are alternatives; within one, statements between commas must all hold, and a key that
stands twice may have either value.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.entities.filters import AllOf, AnyOf, Exists, Filter, In
from portal.lib.errors import Invalid


def parse_filter_params(params: Sequence[str]) -> Filter | None:
    """The question that the repeated ``filter`` parameters ask, or ``None`` when they ask nothing.

    Raises ``Invalid`` for a statement without a key, and for a single parameter that is empty.
    """
    if list(params) == [""]:
        raise Invalid("Empty value found for query parameter 'filter'")
    alternatives = [parsed for param in params if (parsed := _parse_set(param))]
    if not alternatives:
        return None
    return alternatives[0] if len(alternatives) == 1 else AnyOf(tuple(alternatives))


def _parse_set(param: str) -> Filter | None:
    wanted: dict[str, list[str]] = {}
    for statement in filter(None, map(str.strip, param.split(","))):
        key, equals, value = (part.strip() for part in statement.partition("="))
        if not key:
            raise Invalid(
                f"Invalid filter, '{statement}' is not a valid statement (expected a string on the form a=b or a= or a)"
            )
        values = wanted.setdefault(key, [])
        if equals:
            values.append(value.lower())
    filters = [_statement(key.lower(), values) for key, values in wanted.items()]
    if not filters:
        return None
    return filters[0] if len(filters) == 1 else AllOf(tuple(filters))


def _statement(key: str, values: list[str]) -> Filter:
    return In(key, tuple(dict.fromkeys(values))) if values else Exists(key)
