"""Everything that one caller's rights come from, in one statement: groups, live bindings, and what these reach.

It stands as an expression that other statements can hold: a token's lookup brings the rights of its bearer along.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from portal.accounts.subjects import Subject

# ``{user}``, ``{workload}`` and ``{token}`` are primary keys or NULL. Parts are added up instead of asked for with OR,
# so that each finds its index. What hangs from root is everything and is not listed.
_RIGHTS = """(
    WITH RECURSIVE held(id) AS (
        SELECT group_id FROM accounts_user_groups WHERE user_id = {user}
        UNION
        SELECT edge.parent_id FROM held JOIN accounts_group_parent edge ON edge.child_id = held.id
    ), given AS (
        SELECT false AS is_of_token, space_id, role_id, expires_at FROM spaces_binding WHERE user_id = {user}
        UNION ALL
        SELECT false, space_id, role_id, expires_at FROM spaces_binding WHERE group_id IN (SELECT id FROM held)
        UNION ALL
        SELECT false, space_id, role_id, expires_at FROM spaces_binding WHERE workload_id = {workload}
        UNION ALL
        SELECT true, space_id, role_id, expires_at FROM spaces_binding WHERE token_id = {token}
    )
    SELECT json_build_object(
        'groups', coalesce((SELECT json_agg(id) FROM held), '[]'),
        'bound', coalesce((
            SELECT json_agg(json_build_array(
                given.is_of_token, given.space_id, space.slug, role.permissions,
                CASE WHEN space.parent_id IS NOT NULL THEN
                    ARRAY(SELECT descendant_id FROM spaces_link WHERE ancestor_id = given.space_id) END,
                ARRAY(SELECT ancestor_id FROM spaces_link WHERE descendant_id = given.space_id AND is_open)
            ))
            FROM given JOIN spaces_space space ON space.id = given.space_id
                JOIN spaces_role role ON role.id = given.role_id
            WHERE given.expires_at IS NULL OR given.expires_at > %(now)s
        ), '[]')
    )::text
)"""
_NULL = "NULL::bigint"


@dataclass(frozen=True)
class Bound:
    """One live binding: its space, what its role permits, what hangs below and what it may read above (ids)."""

    space_id: int
    slug: str
    permissions: frozenset[str]
    below: frozenset[int]
    above: frozenset[int]


@dataclass(frozen=True)
class Rights:
    """All groups of a caller, and its live bindings: those of the person or workload, and those of the token."""

    groups: list[int] = field(default_factory=list)
    bearer: list[Bound] = field(default_factory=list)
    token: list[Bound] = field(default_factory=list)


def rights_expression(*, user: str = _NULL, workload: str = _NULL, token: str = _NULL) -> str:
    """The SQL expression (a text) of the rights of whoever these SQL expressions name; read it with ``parse``.

    It has the parameter ``now``.
    """
    return _RIGHTS.format(user=user, workload=workload, token=token)


def parse(text: str) -> Rights:
    """What the expression gave."""
    found = json.loads(text)
    rights = Rights(groups=found["groups"])
    for is_of_token, space_id, slug, permissions, below, above in found["bound"]:
        row = Bound(space_id, slug, frozenset(permissions), frozenset(below or ()), frozenset(above))
        (rights.token if is_of_token else rights.bearer).append(row)
    return rights


_OF_SUBJECT = "SELECT " + rights_expression(user="%(user)s", workload="%(workload)s", token="%(token)s")  # noqa: S106


def find(subject: Subject) -> Rights:
    """The rights of a subject, as they are now."""
    keys: dict[str, Any] = {
        "user": subject.user.pk if subject.user and not subject.workload else None,
        "workload": subject.workload.pk if subject.workload else None,
        "now": timezone.now(),
        "token": subject.token.pk if subject.token and subject.token.is_scoped else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OF_SUBJECT, keys)
        return parse(cursor.fetchone()[0])


def attach(subject: Subject, rights: Rights) -> None:
    """Keep rights on the subject for as long as it lives."""
    subject.memo["rights"] = rights
    subject.__dict__["group_ids"] = rights.groups


def of(subject: Subject) -> Rights:
    """The rights of a subject, found once for it."""
    if "rights" not in subject.memo:
        attach(subject, find(subject))
    found: Rights = subject.memo["rights"]
    return found
