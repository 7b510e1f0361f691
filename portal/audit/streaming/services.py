"""Verbs on destinations. All of them need ``audit:stream`` at root."""

from __future__ import annotations

import secrets as random
import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.audit.chain import mark, seal_all
from portal.audit.models import AuditEvent, ChainMark, Destination
from portal.audit.policies import STREAM
from portal.audit.streaming.senders import allowed, send, syslog_address
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.lib.fetch.outgoing import checked_url
from portal.spaces import access
from portal.spaces.shapes import clean

_UNTOLD = {"secret"}


def check_manage(subject: Subject) -> None:
    """Raise ``NotFound`` for whoever may not: where the trail goes is nobody else's matter."""
    if not access.reach(subject, STREAM).everywhere:
        raise NotFound("There is no such page, or you may not see it.")


def destinations_for(subject: Subject) -> QuerySet[Destination]:
    """All destinations."""
    check_manage(subject)
    return Destination.objects.all()


def get_destination(subject: Subject, uid: uuid.UUID | str) -> Destination:
    """One destination. Raises ``NotFound``."""
    found = destinations_for(subject).filter(uid=uid).first()
    if found is None:
        raise NotFound("There is no such destination.")
    return found


def _check_address(destination: Destination) -> None:
    if destination.kind == Destination.Kind.STDOUT:
        destination.address = ""
        return
    if destination.kind == Destination.Kind.SYSLOG:
        _scheme, host, port = syslog_address(destination.address)
        url = checked_url(f"https://{f'[{host}]' if ':' in host else host}:{port}/")
    else:
        url = checked_url(destination.address)
        if url.scheme != "https" and not allowed().may_be_private(url):
            raise _wrong("address", "The trail leaves this installation over https only.")
    try:
        allowed().check(url)
    except Exception as error:
        raise _wrong("address", f"{getattr(error, 'detail', error)} Operators list hosts in AUDIT_ALLOW.") from error


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


def _check_secret(destination: Destination) -> None:
    if destination.kind == Destination.Kind.WEBHOOK and not destination.secret:
        destination.secret = random.token_urlsafe(32)


@transaction.atomic
def create_destination(*, subject: Subject, with_past: bool = False, **values: Any) -> Destination:
    """Add a destination. It gets what happens from now on; ``with_past`` sends the whole trail first.

    A webhook without a secret gets one; read it from the answer, it is not told again.
    """
    check_manage(subject)
    destination = Destination(**values)
    _check_address(destination)
    _check_secret(destination)
    clean(destination)
    end = ChainMark.Name.START if with_past else ChainMark.Name.HEAD
    destination.cursor = mark(end).number
    destination.save()
    _record(subject, "audit_destination.create", destination, values)
    return destination


@transaction.atomic
def update_destination(*, subject: Subject, destination: Destination, **values: Any) -> Destination:
    """Change a destination; an empty secret keeps the one that is stored. Its kind stays for ever."""
    check_manage(subject)
    if not values.get("secret", "x"):
        values.pop("secret")
    for field, value in values.items():
        setattr(destination, field, value)
    _check_address(destination)
    _check_secret(destination)
    clean(destination)
    # Whoever mended it wants to know now, not when the pause is over.
    destination.retry_at = None
    destination.save(update_fields=[*values, "address", "retry_at"])
    _record(subject, "audit_destination.update", destination, values)
    return destination


@transaction.atomic
def delete_destination(*, subject: Subject, destination: Destination) -> None:
    """Send it nothing any more."""
    check_manage(subject)
    _record(subject, "audit_destination.delete", destination, {})
    destination.delete()


def send_test(*, subject: Subject, destination: Destination) -> str:
    """Record an event and send it at once, by itself. Returns what went wrong; empty when it was taken."""
    check_manage(subject)
    if not destination.is_enabled:
        raise Forbidden("The destination is off; switch it on first.")
    event = audit.record(subject=subject, action="audit_destination.test", obj=destination)
    seal_all()
    return send(destination, [AuditEvent.objects.get(pk=event.pk)])


def _record(subject: Subject, action: str, destination: Destination, values: dict[str, Any]) -> None:
    told = {name: value for name, value in values.items() if name not in _UNTOLD | {"kind"}}
    audit.record(subject=subject, action=action, obj=destination, kind=destination.kind, **told)
