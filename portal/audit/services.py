"""Writing the trail. Called by every verb, inside the transaction of its change."""

from __future__ import annotations

from typing import Any

from django.db import models

from portal.accounts.subjects import Subject
from portal.audit.models import AuditEvent
from portal.lib.errors import Forbidden
from portal.spaces.access import roles_of
from portal.spaces.models import Space

HIDDEN = "***"
# What is recorded of people who only look, and of those who were refused.
_READING = (".export", ".read", ".refuse")
_SENSITIVE = ("secret", "password", "token", "credential", "private_key")


def sanitize(value: Any, key: str = "") -> Any:
    """``value`` made of JSON types, with whatever its key calls a secret replaced by ``***`` and long text cut."""
    if key and any(word in key.lower() for word in _SENSITIVE) and value not in (None, "", False, True):
        return HIDDEN
    if isinstance(value, dict):
        return {str(name): sanitize(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [sanitize(item, key) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value).replace("\x00", "")
    return text if len(text) <= 1000 else text[:1000] + "…"


def record(
    *, subject: Subject, action: str, obj: models.Model | None = None, space: Space | None = None, **arguments: Any
) -> AuditEvent:
    """Add one event. ``obj`` names what was changed; its space is used where ``space`` is not given.

    Raises ``Forbidden`` where a subject that only reads changes something: its transaction then changes nothing.
    """
    # SECURITY: verbs ask for rights; this holds for those, too, that every person may do without one.
    if subject.reads_only and not action.endswith(_READING):
        raise Forbidden("This token was given for reading only.")
    space = space or (obj if isinstance(obj, Space) else getattr(obj, "space", None))
    if space is not None and space.pk is None:
        space = None
    return AuditEvent.objects.create(
        actor=subject.user,
        actor_label=str(subject)[:200],
        roles=roles_of(subject),
        action=action,
        object_type=obj._meta.model_name or "" if obj is not None else "",
        object_id=str(getattr(obj, "uid", None) or getattr(obj, "pk", None) or "") if obj is not None else "",
        object_label=str(obj)[:300] if obj is not None else "",
        space=space,
        space_label=space.slug if space else "",
        arguments=sanitize(arguments),
        address=subject.address,
    )
