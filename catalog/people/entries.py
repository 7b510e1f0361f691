"""What this app hangs into the shell: what is mine, and who is who on the pages of accounts, groups and entities."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count
from django.http import HttpRequest

from catalog.entities.linking import entity_url, linked, visible_labels
from catalog.entities.models import Entity
from catalog.entities.querysets import visible_entities
from catalog.people.links import entity_link, group_link, own_links
from catalog.people.matching import Link
from catalog.people.ownership import identity_of, owned_by
from catalog.people.policies import may_look_up, may_manage
from catalog.people.reading import GROUP, USER
from catalog.people.shown import WORDS, holder_url, reason_of
from portal.accounts.middleware import subject_of
from portal.accounts.models import User
from portal.accounts.subjects import Subject, groups_of
from portal.spaces.permissions import Permission
from portal.ui.registry import NavItem, Panel, add_nav, add_panel

_NEWEST = 6


def register() -> None:
    """Add the entries; called once when the apps are ready."""
    add_nav(
        NavItem("Catalog links", "catalog_links:list", "link", "Platform", 812, Permission.USER_MANAGE, needs_root=True)
    )
    person = "catalog/people/_person_card.html"
    add_panel("home_card", Panel("mine", "Yours", "catalog/people/_home_card.html", home_mine, "user", 10))
    add_panel("account_card", Panel("catalog", "You in the catalog", person, own_card, "boxes"))
    add_panel("person_card", Panel("catalog", "In the catalog", person, person_card, "boxes"))
    add_panel("group_card", Panel("catalog", "In the catalog", person, group_card, "boxes"))
    add_panel("entity_card", Panel("account", "In the portal", "catalog/people/_entity_card.html", entity_card, "link"))


def home_mine(request: HttpRequest, subject: Subject) -> dict[str, Any] | None:
    """What the person owns, by kind and the newest by name; None for who is nobody in the catalog."""
    if not identity_of(subject).refs:
        return None
    found = owned_by(subject, visible_entities(subject))
    counts = list(found.order_by("kind").values_list("kind").annotate(number=Count("pk")))
    newest = found.order_by("-updated_at", "pk").only("ref", "kind", "name", "title", "lifecycle")[:_NEWEST]
    rows = [(entity, entity_url(entity.ref)) for entity in newest] if counts else []
    return {"counts": counts, "total": sum(number for _, number in counts), "rows": rows}


def own_card(request: HttpRequest, user: User) -> dict[str, Any]:
    """Who the person is, for themselves."""
    subject = subject_of(request)
    found = identity_of(subject)
    return {"is_self": True, **_shown(subject, found.link, found.groups)}


def person_card(request: HttpRequest, user: User) -> dict[str, Any]:
    """Who somebody is, for whoever looks people up and as far as they see the entities."""
    subject = subject_of(request)
    own = own_links(user, groups_of(user))
    clash = reason_of(own.clash) if own.clash and may_manage(subject) else ""
    return {"clash": clash, **_shown(subject, own.link, own.groups)}


def group_card(request: HttpRequest, group: Group) -> dict[str, Any]:
    """What a group is in the catalog."""
    return {"is_group": True, **_shown(subject_of(request), group_link(group), ())}


def entity_card(request: HttpRequest, entity: Entity) -> dict[str, Any] | None:
    """The account or group of a User or Group entity, for whoever looks people up; to oneself, that it is oneself."""
    if entity.kind_key not in (USER, GROUP):
        return None
    subject = subject_of(request)
    is_self = identity_of(subject).user_ref == entity.ref
    if not is_self and not may_look_up(subject):
        return None
    link = entity_link(entity)
    if link is None:
        return None
    url = holder_url(link.holder) if may_look_up(subject) else ""
    return {"link": link, "url": url, "words": WORDS[link.rule], "is_self": is_self}


def _shown(subject: Subject, link: Link | None, groups: tuple[Link, ...]) -> dict[str, Any]:
    """Links whose entities the subject may see; others as if they were not there."""
    labels = visible_labels(subject, [found.candidate.ref for found in (link, *groups) if found])
    seen = [found for found in groups if found.candidate.ref in labels]
    values: dict[str, Any] = {
        "groups": [(linked(found.candidate.ref, labels), found.holder.name, WORDS[found.rule]) for found in seen]
    }
    if link is not None and link.candidate.ref in labels:
        values |= {"entity": labels[link.candidate.ref], "words": WORDS[link.rule]}
    return values
