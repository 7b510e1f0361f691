"""What may be asked, by whom: everybody about themselves, whoever gives roles in the object's space about others."""

from __future__ import annotations

import uuid

from django.db import models

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.explain.chains import Answer, Holder, explain, space_of, who_may
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.people import person_of
from portal.spaces.permissions import Permission, catalogue

_NAMES = ("slug", "ref", "uid")


def kinds() -> dict[str, type[models.Model]]:
    """The nouns of everything that rights can be asked about: ``space``, ``stack``, ``entity`` …"""
    return {policy.model._meta.model_name or "": policy.model for policy in access.registered_policies()}


def find(subject: Subject, text: str) -> models.Model:
    """The visible object that ``text`` names: ``space:stage``, ``stack:network``, ``entity:component:default/desk``.

    A ``uid`` serves as a name, too. Raises ``Invalid`` for what is no name, ``NotFound`` for what is not visible.
    """
    noun, _, name = text.strip().partition(":")
    model = kinds().get(noun)
    if model is None or not name:
        message = f"Name the thing as {', '.join(f'{known}:…' for known in sorted(kinds()))}."
        raise Invalid(message, errors=[{"field": "object", "message": message}])
    fields = {field.name for field in model._meta.concrete_fields}
    for column in _NAMES:
        if column not in fields or (column == "uid" and not _is_uuid(name)):
            continue
        found = access.visible_to(subject, model._default_manager.filter(**{column: name})).first()
        if found is not None:
            return found
    raise NotFound(f"There is no {noun} “{name[:100]}”, or you may not see it.")


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _check_permission(name: str) -> str:
    if name not in {row.name for row in catalogue()}:
        message = f"There is no permission “{name[:60]}”. GET /api/v1/roles/admin lists all of them."
        raise Invalid(message, errors=[{"field": "permission", "message": message}])
    return name


def ask(subject: Subject, *, permission: str, thing: str, username: str = "") -> Answer:
    """May ``username`` (oneself where not given) do ``permission`` on ``thing``, and by which chains?"""
    _check_permission(permission)
    obj = find(subject, thing)
    return explain(_asked_about(subject, obj, username), permission, obj)


def _asked_about(subject: Subject, obj: models.Model, username: str) -> User:
    if not username or (subject.user is not None and subject.user.username == username):
        return person_of(subject)
    _check_may_ask_about_others(subject, obj)
    asked = User.objects.filter(username=username).first()
    if asked is None:
        message = f"There is nobody called “{username[:100]}”."
        raise Invalid(message, errors=[{"field": "user", "message": message}])
    return asked


def ask_who(subject: Subject, *, permission: str, thing: str) -> list[Holder]:
    """Who may do ``permission`` on ``thing``?"""
    _check_permission(permission)
    obj = find(subject, thing)
    _check_may_ask_about_others(subject, obj)
    return who_may(permission, obj)


def _check_may_ask_about_others(subject: Subject, obj: models.Model) -> None:
    space = space_of(obj)
    if space is None:
        if not access.reach(subject, Permission.BINDING_MANAGE).everywhere:
            raise Forbidden("Only admins of the root space ask about others here.")
        return
    if not access.may_in(subject, Permission.BINDING_MANAGE, space):
        raise Forbidden(
            f"You may ask about yourself here. Whoever gives roles in “{space.name}” may ask about others.",
            permission=str(Permission.BINDING_MANAGE),
        )
