"""Named reads of the trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

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
    since: date | None = None, until: date | None = None, object_type: str = "", object_id: str = "",
) -> QuerySet[AuditEvent]:  # fmt: skip
    """``trail`` narrowed by who, what, on what, in which space (and below), and from day to day, both included."""
    if actor:
        trail = trail.filter(Q(actor__username__iexact=actor) | Q(actor_label__icontains=actor))
    if actions:
        trail = trail.filter(action__in=actions)
    if text:
        trail = trail.filter(Q(object_label__icontains=text) | Q(action__icontains=text) | Q(object_id=text))
    if space:
        below = SpaceLink.objects.filter(ancestor__slug=space).values("descendant_id")
        trail = trail.filter(Q(space_id__in=below) | Q(space_label=space))
    if object_type:
        trail = trail.filter(object_type=object_type)
    if object_id:
        trail = trail.filter(object_id=object_id)
    if since:
        trail = trail.filter(at__gte=_midnight(since))
    if until:
        trail = trail.filter(at__lt=_midnight(until + timedelta(days=1)))
    return trail


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def day_of(text: str, name: str) -> date | None:
    """The day in ``text`` (YYYY-MM-DD), None where it is empty. Raises ``Invalid`` naming the field."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"“{text[:40]}” is not a day; write it as 2026-01-31."
        raise Invalid(message, errors=[{"field": name, "message": message}]) from error
