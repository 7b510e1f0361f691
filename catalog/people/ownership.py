"""What is mine: the references that somebody owns things under, and the filter that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from catalog.entities.filters import In
from catalog.entities.models import Entity
from catalog.entities.querysets import condition, visible_entities
from catalog.people.links import Own, own_links
from catalog.people.matching import Link
from portal.accounts.subjects import Subject

OWNED_BY = "relations.ownedby"
_MEMO = ("people", "identity")


@dataclass(frozen=True)
class Identity:
    """Somebody in the catalog. ``refs`` are the user's own and those of all groups, the user's first."""

    link: Link | None = None
    groups: tuple[Link, ...] = ()
    refs: tuple[str, ...] = ()

    @property
    def user_ref(self) -> str:
        """The reference of the User entity; empty for who has none."""
        return self.link.candidate.ref if self.link else ""


def identity_of(subject: Subject) -> Identity:
    """Who the subject is in the catalog, as far as they may see it. Found once per subject, so once per request."""
    if _MEMO not in subject.memo:
        subject.memo[_MEMO] = _find(subject)
    found: Identity = subject.memo[_MEMO]
    return found


def identity_refs(subject: Subject) -> list[str]:
    """The references under which the subject owns things, for example ``user:default/ada``, ``group:default/crew``."""
    return list(identity_of(subject).refs)


def owned_by(subject: Subject, found: QuerySet[Entity]) -> QuerySet[Entity]:
    """Those of ``found`` that the subject owns, by themselves or by a group."""
    return found.filter(condition(In(OWNED_BY, tuple(identity_refs(subject))), subject))


def _find(subject: Subject) -> Identity:
    if subject.user is None:
        return Identity()
    own: Own = own_links(subject.user, subject.group_ids)
    starts = [link.candidate.ref for link in (own.link, *own.groups) if link]
    held = _held(subject, starts)
    # SECURITY: what the person may not see is no link to them, neither its name nor what it leads to.
    link = own.link if own.link and own.link.candidate.ref in held else None
    groups = tuple(found for found in own.groups if found.candidate.ref in held)
    first = [link.candidate.ref] if link else []
    return Identity(link, groups, (*first, *sorted(held.difference(first))))


# The relations of an entity are shown with it, so that a name which a visible entity gives is no secret; what lies
# behind it is one, unless it is visible, too. UNION keeps each name once, which ends groups that are in each other.
_WALK = """
    WITH RECURSIVE visible AS NOT MATERIALIZED ({visible}), held(ref) AS (
        SELECT visible.ref FROM visible WHERE visible.ref = ANY(%s)
        UNION
        SELECT relation.target
        FROM held
        JOIN visible ON visible.ref = held.ref
        JOIN entities_relation relation ON relation.source = held.ref
        WHERE relation.type IN ('memberOf', 'childOf') AND starts_with(relation.target, 'group:')
    )
    SELECT ref FROM held
"""


def _held(subject: Subject, starts: Sequence[str]) -> frozenset[str]:
    """``starts`` and all groups above them, as far as the subject sees the way. One query."""
    if not starts:
        return frozenset()
    try:
        visible, params = visible_entities(subject).values("ref").query.sql_with_params()
    except EmptyResultSet:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_WALK.format(visible=visible), [*params, list(starts)])
        return frozenset(row[0] for row in cursor.fetchall())
