"""Reads and verbs on sessions: the own ones, and those of others for admins of root."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import NotFound
from portal.sessions.models import BrowserSession, digest_of
from portal.sessions.store import SessionStore
from portal.spaces import people


def sessions_of(user: User) -> list[BrowserSession]:
    """The live sessions of ``user``, the last used one first."""
    rows = BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now())
    return [row for row in rows if _is_good(row, user)]


def _is_good(row: BrowserSession, user: User) -> bool:
    """Is it still of the password that the person has?"""
    data = SessionStore().decode(row.session_data)
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(data.get("_auth_user_hash", ""), wanted) for wanted in hashes)


def is_current(row: BrowserSession, request: HttpRequest) -> bool:
    """Is it the session of this request?"""
    key = request.session.session_key
    return key is not None and row.session_key == digest_of(key)


@transaction.atomic
def end_session(*, subject: Subject, uid: uuid.UUID | str) -> None:
    """End one of the own sessions. Raises ``NotFound`` for those of others."""
    user = people.account_of(subject)
    row = BrowserSession.objects.filter(user=user, uid=uid).first()
    if row is None:
        raise NotFound("There is no such session, or it is not yours.")
    audit.record(subject=subject, action="session.delete", obj=user, session=str(row))
    row.delete()


@transaction.atomic
def end_other_sessions(*, subject: Subject, user: User, keep: str | None) -> int:
    """End the own sessions apart from the one with the key ``keep``; how many."""
    found = BrowserSession.objects.filter(user=user)
    if keep:
        found = found.exclude(session_key=digest_of(keep))
    number = found.count()
    if number:
        found.delete()
        audit.record(subject=subject, action="session.delete_others", obj=user, number=number)
    return number


@transaction.atomic
def end_all_sessions(*, subject: Subject, user: User) -> int:
    """End all sessions of somebody; how many. Needs ``user:manage`` at root."""
    people.check_manage(subject)
    number, _ = BrowserSession.objects.filter(user=user).delete()
    audit.record(subject=subject, action="session.delete_all", obj=user, number=number)
    return number
