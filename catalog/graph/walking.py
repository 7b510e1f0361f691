"""The walk from one entity along relations, through nothing but what the subject may see.

SECURITY: what is invisible is no node, ends no edge, is not walked through and is not counted: the graph of somebody
who may not see an entity is the graph of a catalog without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from catalog.entities.linking import entity_url
from catalog.entities.models import Entity
from catalog.entities.querysets import visible_entities
from catalog.graph.asking import Question
from catalog.graph.pairs import forward_names
from portal.accounts.subjects import Subject

MOST_NODES = 500
# Of one node no more neighbours are shown than these: a team with a thousand components is a node and a number.
MOST_NEAR = 60
_MOST_COUNTED = 1000


@dataclass(frozen=True)
class Node:
    """An entity; ``depth`` is its distance from the root, ``more`` how many of its neighbours are left out."""

    ref: str
    uid: str
    kind: str
    label: str
    type: str
    url: str
    depth: int
    more: int = 0


@dataclass(frozen=True)
class Edge:
    """``source`` has the relation ``type`` to ``target``."""

    source: str
    type: str
    target: str


@dataclass(frozen=True)
class Graph:
    """What was found; ``is_cut`` where there was more than fits."""

    root: str
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    is_cut: bool = False


def walk(subject: Subject, root: Entity, question: Question, most: int = MOST_NODES) -> Graph:
    """The graph around ``root``, which the subject must be allowed to see, at most ``most`` nodes of it."""
    types = question.types()
    visible = visible_entities(subject)
    if question.kinds:
        visible = visible.filter(kind_key__in=question.kinds)
    found = _distances(visible, root.ref, question.depth, types, most)
    depths = dict(list(found.items())[:most])
    shown = list(depths)
    edges = _edges(shown, types)
    left_out = _left_out(visible, [ref for ref, depth in depths.items() if depth < question.depth], shown, types)
    # The root is shown whatever kinds are asked for; the walk has seen that the others are visible.
    # PERF: plain rows; objects of hundreds of entities take longer to make than to find.
    found_rows = Entity.objects.filter(ref__in=shown).values_list("ref", "uid", "kind", "title", "name", "type")
    rows = {row[0]: row for row in found_rows}
    nodes = []
    for ref, depth in depths.items():
        if ref in rows:
            _, uid, kind, title, name, type_ = rows[ref]
            node = Node(ref, str(uid), kind, title or name, type_, entity_url(ref), depth, left_out.get(ref, 0))
            nodes.append(node)
    return Graph(root.ref, nodes, edges, bool(left_out) or len(found) > most)


# One row of the recursion is one level: what is new in it, and all that was seen before, so that nothing is walked
# twice and no level is begun once there is enough.
_WALK = """
    WITH RECURSIVE visible AS NOT MATERIALIZED ({visible}), walk(depth, fresh, seen) AS (
        SELECT 0, ARRAY[%s::text COLLATE "C"], ARRAY[]::text[] COLLATE "C"
        UNION ALL
        SELECT walk.depth + 1, next.fresh, walk.seen || walk.fresh
        FROM walk CROSS JOIN LATERAL (
            SELECT array_agg(ref ORDER BY ref) AS fresh
            FROM (
                SELECT near.target AS ref
                FROM unnest(walk.fresh) here(ref) CROSS JOIN LATERAL (
                    SELECT DISTINCT relation.target
                    FROM entities_relation relation JOIN visible ON visible.ref = relation.target
                    WHERE relation.source = here.ref COLLATE "C" AND {typed}
                    ORDER BY 1 LIMIT %s
                ) near
                EXCEPT SELECT unnest(walk.seen || walk.fresh)
            ) found
        ) next
        WHERE walk.depth < %s AND cardinality(walk.seen || walk.fresh) <= %s AND next.fresh IS NOT NULL
    )
    SELECT ref, depth FROM walk CROSS JOIN LATERAL unnest(walk.fresh) ref LIMIT %s
"""
_TYPED = "relation.type = ANY(%s)"


def _distances(visible: QuerySet[Entity], root: str, depth: int, types: list[str] | None, most: int) -> dict[str, int]:
    try:
        sql, params = visible.order_by().values("ref").query.sql_with_params()
    except EmptyResultSet:
        return {root: 0}
    typed = _TYPED if types is not None else "TRUE"
    given = [types] if types is not None else []
    with connection.cursor() as cursor:
        cursor.execute(
            _WALK.format(visible=sql, typed=typed), [*params, root, *given, MOST_NEAR, depth, most, most + 1]
        )
        return dict(cursor.fetchall())


def _edges(shown: list[str], types: list[str] | None) -> list[Edge]:
    """The relations between shown nodes, each once, as the arrow that is drawn for it."""
    typed = _TYPED if types is not None else "TRUE"
    given = [types] if types is not None else []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT relation.source, relation.type, relation.target FROM entities_relation relation"  # noqa: S608
            f" WHERE relation.source = ANY(%s) AND relation.target = ANY(%s) AND {typed}",
            [shown, shown, *given],
        )
        rows: list[tuple[str, str, str]] = cursor.fetchall()
    forward = forward_names()
    drawn = {
        Edge(target, forward[type_], source) if type_ in forward else Edge(source, type_, target)
        for source, type_, target in rows
    }
    return sorted(drawn, key=lambda edge: (edge.source, edge.type, edge.target))


_LEFT_OUT = """
    WITH visible AS NOT MATERIALIZED ({visible})
    SELECT shown.ref, near.number
    FROM unnest(%s::text[]) shown(ref) CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM (
            SELECT DISTINCT relation.target
            FROM entities_relation relation JOIN visible ON visible.ref = relation.target
            WHERE relation.source = shown.ref COLLATE "C" AND {typed} AND NOT relation.target = ANY(%s)
            LIMIT %s
        ) hidden
    ) near
    WHERE near.number > 0
"""


def _left_out(
    visible: QuerySet[Entity], walked: list[str], shown: list[str], types: list[str] | None
) -> dict[str, int]:
    """How many visible neighbours of walked nodes are not shown, counted up to a bound."""
    try:
        sql, params = visible.order_by().values("ref").query.sql_with_params()
    except EmptyResultSet:
        return {}
    typed = _TYPED if types is not None else "TRUE"
    given: list[Any] = [types] if types is not None else []
    with connection.cursor() as cursor:
        cursor.execute(_LEFT_OUT.format(visible=sql, typed=typed), [*params, walked, *given, shown, _MOST_COUNTED])
        return dict(cursor.fetchall())
