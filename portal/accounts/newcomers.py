"""Accounts that are made at somebody's first sign-in by the directory or the proxy."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection

from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.audit import services as audit
from portal.identity.profiles import free_username, has_owner


def make_outside_user(*, username: str, name: str, email: str, via: str, address: str | None) -> User:
    """A new account that can do nothing yet and has no password here. Runs inside of the caller's transaction.

    A name that somebody has gets a number; an address that somebody has is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.username'))")
    user = User(username=free_username(username), display_name=name[:200], email=_free_email(email))
    user.set_unusable_password()
    user.save()
    audit.record(subject=person(user, address=address), action="user.create", obj=user, via=via)
    return user


def _free_email(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return "" if has_owner(email) else email[:254]
