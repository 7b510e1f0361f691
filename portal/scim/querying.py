"""Lists: filter, sort and page (RFC 7644, 3.4.2). Frequent filters become SQL, all others are matched one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from scim2_models import ListResponse, ScimFilter, SearchRequest
from scim2_models.path.expressions import CompareOperator, Comparison

from portal.scim.discovery import PAGE
from portal.scim.models import Record
from portal.scim.shapes import KINDS, PREFIX, RESOURCES, of

# What identity providers look somebody up by, as the portal's own columns.
_COLUMNS = {
    ("Users", "username"): "user__username__iexact",
    ("Users", "externalid"): "external_id",
    ("Groups", "displayname"): "group__name__iexact",
    ("Groups", "externalid"): "external_id",
}


def listed(kind: str, rows: QuerySet[Record], asked: SearchRequest[Any]) -> ListResponse[Any]:
    """One page of what was asked for."""
    model, shape = KINDS[kind], RESOURCES[kind]
    narrowed = _narrowed(kind, rows, asked)
    start = max(1, asked.start_index or 1)
    count = PAGE if asked.count is None else max(0, min(asked.count, PAGE))
    if narrowed is not None and not asked.sort_by:
        total, page = narrowed.count(), [shape(row) for row in narrowed[start - 1 : start - 1 + count]]
    else:
        found = [shape(row) for row in rows]
        if asked.filter:
            expression = of(ScimFilter, model)(asked.filter)
            found = [resource for resource in found if expression.match(resource)]
        if asked.sort_by:
            found = asked.sort(found)
        total, page = len(found), found[start - 1 : start - 1 + count]
    return answer(model, page, total, start)


def answer(model: Any, page: Iterable[Any], total: int, start: int = 1) -> ListResponse[Any]:
    """The message of a list."""
    resources = list(page)
    message: ListResponse[Any] = of(ListResponse, model)(
        total_results=total, start_index=start, items_per_page=len(resources), resources=resources
    )
    return message


def _narrowed(kind: str, rows: QuerySet[Record], asked: SearchRequest[Any]) -> QuerySet[Record] | None:
    """The rows by SQL alone, or None where the filter needs more than a column."""
    if not asked.filter:
        return rows
    node = of(ScimFilter, KINDS[kind])(asked.filter).ast
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq or not isinstance(node.value, str):
        return None
    column = _COLUMNS.get((kind, str(node.attr_path).casefold()))
    if column is None:
        return None
    value = PREFIX + node.value if column.startswith("group__") else node.value
    return rows.filter(Q(**{column: value}))
