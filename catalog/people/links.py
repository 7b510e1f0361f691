"""Who somebody is in the catalog, who an entity is here, and what is linked to nobody: always as it is now.

SECURITY: none of this looks at rights, so that a link does not depend on who asks. Whoever shows an entity found here
asks ``visible_entities`` first, as ``ownership`` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db.models import Q

from catalog.entities.models import Entity
from catalog.people.matching import Clash, Holder, Link, Settled, overtaken, settle
from catalog.people.models import Rule
from catalog.people.reading import GROUP, USER, accounts, candidates, groups, matching_entities, matching_holders
from catalog.people.rules import current_rules
from portal.accounts.models import User


@dataclass(frozen=True)
class Own:
    """What one account is linked to: itself, why it is not, and the groups that it is in."""

    link: Link | None
    clash: Clash | None
    groups: tuple[Link, ...]


def own_links(user: User, group_ids: Sequence[int] = ()) -> Own:
    """The links of an account, and of these groups. Four small queries at most."""
    rules = current_rules()
    if not rules:
        return Own(None, None, ())
    held = groups(Q(pk__in=group_ids)) if group_ids else []
    mine = accounts(Q(pk=user.pk))
    found = _settled([*mine, *held], rules)
    links = [found[GROUP].link_of(group) for group in held]
    link = found[USER].link_of(mine[0]) if mine else None
    clash = found[USER].clash_of(mine[0]) if mine and link is None else None
    return Own(link, clash, tuple(link for link in links if link is not None))


def group_link(group: Group) -> Link | None:
    """The link of a group."""
    rules = current_rules()
    [held] = groups(Q(pk=group.pk))
    return _settled([held], rules)[GROUP].link_of(held) if rules else None


def entity_link(entity: Entity) -> Link | None:
    """The account or group that a User or Group entity stands for."""
    rules = current_rules()
    kind = entity.kind_key
    if kind not in (USER, GROUP) or not rules:
        return None
    holders = matching_holders(kind, candidates(kind, Q(pk=entity.pk)), rules)
    return _settled(holders, rules)[kind].link_to(entity.ref) if holders else None


def _settled(holders: Sequence[Holder], rules: Sequence[Rule]) -> dict[str, Settled]:
    """What the rules say of ``holders``; of others that come up on the way it may be less than all."""
    found = matching_entities(holders, rules)
    return {
        kind: settle([*(row for row in holders if row.kind == kind), *matching_holders(kind, rows, rules)], rows, rules)
        for kind, rows in found.items()
    }


@dataclass(frozen=True)
class Everything:
    """All links and clashes of one kind, and who and what is left over."""

    settled: Settled
    holders: tuple[Holder, ...]
    refs: tuple[str, ...]
    overtaken: Mapping[str, tuple[Rule, Holder]]


def everything(kind: str) -> Everything:
    """All of ``kind``, for the page of links. Reads every account and entity of the kind, in three queries."""
    holders, rows = accounts() if kind == USER else groups(), candidates(kind)
    rules = current_rules()
    found = settle(holders, rows, rules)
    taken = {link.holder for link in found.links} | {holder for clash in found.clashes for holder in clash.holders}
    refs = {link.candidate.ref for link in found.links}
    refs |= {row.ref for clash in found.clashes for row in clash.candidates}
    alone = [row for row in rows if row.ref not in refs]
    return Everything(
        found,
        tuple(holder for holder in holders if holder not in taken),
        tuple(row.ref for row in alone),
        overtaken(holders, alone, rules),
    )
