"""Verbs on requests for access: somebody asks for a role in a space, whoever gives roles there answers."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.bindings import bind_role
from portal.spaces.models import AccessRequest, Role, Space
from portal.spaces.people import person_of
from portal.spaces.permissions import Permission

State = AccessRequest.State
LONGEST_DAYS = 365


def requests_for(subject: Subject) -> QuerySet[AccessRequest]:
    """The subject's own requests, and those that it may answer."""
    rows = AccessRequest.objects.select_related("space", "role", "user", "answered_by")
    own = rows.filter(user=subject.user) if subject.user else rows.none()
    where = access.reach(subject, Permission.BINDING_MANAGE)
    answerable = rows if where.everywhere else rows.filter(space_id__in=where.space_ids)
    return (own | answerable).order_by("-created_at")


def waiting_for(subject: Subject) -> QuerySet[AccessRequest]:
    """Open requests that the subject may answer."""
    where = access.reach(subject, Permission.BINDING_MANAGE)
    found = AccessRequest.objects.filter(state=State.OPEN).exclude(user=subject.user)
    found = found if where.everywhere else found.filter(space_id__in=where.space_ids)
    return found.select_related("space", "role", "user").order_by("created_at")


@transaction.atomic
def request_access(
    *, subject: Subject, space: Space, role: Role, reason: str, days: int | None = None
) -> AccessRequest:
    """Ask for a role in a space that one sees, for so many days or for good."""
    access.check_in(subject, Permission.SPACE_READ, space)
    user = person_of(subject)
    if not reason.strip():
        raise _wrong("reason", "Say what you need it for; whoever answers knows only this.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise _wrong("days", f"Ask for 1 to {LONGEST_DAYS} days, or leave it empty.")
    if all(access.may_in(subject, name, space) for name in role.permissions):
        raise Conflict(f"You may do everything here that the role {role.name} allows already.")
    wanted, created = AccessRequest.objects.get_or_create(
        space=space, role=role, user=user, state=State.OPEN,
        defaults={"reason": reason.strip()[:1000], "days": days},
    )  # fmt: skip
    if not created:
        raise Conflict("You have asked for this already; the answer is still to come.")
    audit.record(subject=subject, action="access_request.create", obj=wanted, role=role.slug, days=days)
    return wanted


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


@transaction.atomic
def grant_request(
    *, subject: Subject, wanted: AccessRequest, answer: str = "", days: int | None = None
) -> AccessRequest:
    """Give what was asked for, for ``days`` days (as asked where not given). Needs what binding by hand needs."""
    wanted = _open(subject, wanted)
    lasting = days or wanted.days
    binding = bind_role(
        subject=subject, space=wanted.space, role=wanted.role, user=wanted.user,
        expires_at=timezone.now() + timedelta(days=lasting) if lasting else None,
    )  # fmt: skip
    wanted.binding = binding
    return _answered(subject, wanted, State.GRANTED, answer)


@transaction.atomic
def refuse_request(*, subject: Subject, wanted: AccessRequest, answer: str) -> AccessRequest:
    """Refuse with a reason."""
    wanted = _open(subject, wanted)
    if not answer.strip():
        raise _wrong("answer", "Say why, so that they know what to do instead.")
    return _answered(subject, wanted, State.REFUSED, answer)


@transaction.atomic
def withdraw_request(*, subject: Subject, wanted: AccessRequest) -> AccessRequest:
    """Take one's own open request back."""
    if subject.user is None or wanted.user_id != subject.user.pk:
        raise NotFound("There is no such request, or it is not yours.")
    wanted = AccessRequest.objects.select_for_update().get(pk=wanted.pk)
    _check_open(wanted)
    return _answered(subject, wanted, State.WITHDRAWN, "")


def _open(subject: Subject, wanted: AccessRequest) -> AccessRequest:
    access.check_in(subject, Permission.BINDING_MANAGE, wanted.space)
    locked = AccessRequest.objects.select_for_update(of=("self",)).select_related("space", "role", "user")
    wanted = locked.get(pk=wanted.pk)
    _check_open(wanted)
    if subject.user is not None and wanted.user_id == subject.user.pk:
        raise Forbidden("Nobody answers their own request. Ask another admin of the space.")
    return wanted


def _check_open(wanted: AccessRequest) -> None:
    if wanted.state != State.OPEN:
        raise Conflict(f"This request has been answered: {wanted.get_state_display().lower()}.")


def _answered(subject: Subject, wanted: AccessRequest, state: str, answer: str) -> AccessRequest:
    wanted.state, wanted.answer = state, answer.strip()[:1000]
    wanted.answered_by, wanted.answered_at = subject.user, timezone.now()
    wanted.save(update_fields=["state", "answer", "answered_by", "answered_at", "binding"])
    audit.record(
        subject=subject, action=f"access_request.{state}", obj=wanted, role=wanted.role.slug, answer=wanted.answer
    )
    return wanted
