"""Named reads of the trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from ipaddress import ip_network

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit.models import AuditEvent
from portal.lib.errors import Invalid
from portal.spaces import access
from portal.spaces.models import SpaceLink

# How far back the list of known actions looks, so that it stays cheap on a long trail.
RECENT = 5000


def trail_for(subject: Subject) -> QuerySet[AuditEvent]:
    """The events that ``subject`` may read, newest first."""
    return access.visible_to(subject, AuditEvent.objects.select_related("actor", "space")).order_by("-pk")


def known_actions(trail: QuerySet[AuditEvent]) -> list[str]:
    """The actions among the latest events."""
    latest = trail.select_related(None).values("action")[:RECENT]
    return sorted({row["action"] for row in latest})


def filtered(
    trail: QuerySet[AuditEvent], *, actor: str = "", actions: list[str] | None = None, text: str = "", space: str = "",
    since: date | None = None, until: date | None = None, object_type: str = "", object_id: str = "", address: str = "",
    role: str = "",
) -> QuerySet[AuditEvent]:  # fmt: skip
    """``trail`` narrowed by who, what, on what, in which space (and below), and from day to day, both included.

    An action may end with ``*``: ``stack.*`` means all that starts with ``stack.``. ``address`` is an address or a
    network (``10.0.0.0/8``); ``role`` is a role's short name that whoever acted had then, in any space.
    """
    if actor:
        trail = trail.filter(Q(actor__username__iexact=actor) | Q(actor_label__icontains=actor))
    if actions:
        begins = [name[:-1] for name in actions if name.endswith("*")]
        wanted = Q(action__in=[name for name in actions if not name.endswith("*")])
        for begin in begins:
            wanted |= Q(action__startswith=begin)
        trail = trail.filter(wanted)
    if text:
        trail = trail.filter(Q(object_label__icontains=text) | Q(action__icontains=text) | Q(object_id=text))
    if space:
        below = SpaceLink.objects.filter(ancestor__slug=space).values("descendant_id")
        trail = trail.filter(Q(space_id__in=below) | Q(space_label=space))
    if object_type:
        trail = trail.filter(object_type=object_type)
    if object_id:
        trail = trail.filter(object_id=object_id)
    if address:
        trail = trail.filter(address__within=network_of(address))
    if role:
        trail = trail.filter(roles__any_begins=f"{role}@")
    if since:
        trail = trail.filter(at__gte=_midnight(since))
    if until:
        trail = trail.filter(at__lt=_midnight(until + timedelta(days=1)))
    return trail


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def network_of(text: str) -> str:
    """The network (CIDR) that ``text`` names; one address is a network of its own. Raises ``Invalid``."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError as error:
        message = f"“{text[:60]}” is no address; write it as 10.1.2.3 or 10.1.0.0/16."
        raise Invalid(message, errors=[{"field": "address", "message": message}]) from error


def day_of(text: str, name: str) -> date | None:
    """The day in ``text`` (YYYY-MM-DD), None where it is empty. Raises ``Invalid`` naming the field."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"“{text[:40]}” is not a day; write it as 2026-01-31."
        raise Invalid(message, errors=[{"field": name, "message": message}]) from error
