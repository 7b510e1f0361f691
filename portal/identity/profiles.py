"""Accounts that come from outside: their names, their addresses, and how both follow the provider."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin
from django.db import transaction

from portal.accounts.models import User
from portal.identity.claims import claims_of

_UNFIT = re.compile(r"[^\w.@+-]+")


def has_owner(email: str, *, apart_from: User | None = None) -> bool:
    """Somebody here has this address, confirmed or not, whatever the case of its letters."""
    known = EmailAddress.objects.filter(email__iexact=email)
    users = User.objects.filter(email__iexact=email)
    if apart_from is not None:
        known, users = known.exclude(user=apart_from), users.exclude(pk=apart_from.pk)
    return known.exists() or users.exists()


def fitting_username(wanted: str) -> str:
    """``wanted`` with what a username may not hold replaced by hyphens."""
    return _UNFIT.sub("-", wanted).strip("-.")[:140] or "person"


def free_username(wanted: str) -> str:
    """``wanted``, or ``wanted-2``, ``wanted-3`` … where somebody has it, whatever the case of its letters."""
    base = fitting_username(wanted)
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=base).values_list("username", flat=True)
    }
    if base.lower() not in taken:
        return base
    number = 2
    while f"{base}-{number}".lower() in taken:
        number += 1
    return f"{base}-{number}"


def display_name_of(login: SocialLogin) -> str:
    """The name that the provider has for somebody."""
    claims = claims_of(login)
    name = claims.get("name") or claims.get("displayName") or (login.user and login.user.display_name) or ""
    return str(name[0] if isinstance(name, list | tuple) and name else name or "")[:200]


@transaction.atomic
def update_profile(user: User, login: SocialLogin, name: str) -> list[str]:
    """Take over name and verified address of an account that comes from outside; which fields changed.

    Accounts with a password here are kept by hand. An address that somebody else has is left to them.
    """
    if user.has_usable_password():
        return []
    changed: dict[str, Any] = {}
    if name and name != user.display_name:
        changed["display_name"] = name
    email = next((row.email for row in login.email_addresses if row.verified), "")
    if email and email.lower() != user.email.lower() and not has_owner(email, apart_from=user):
        changed["email"] = email
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    for field, value in changed.items():
        setattr(user, field, value)
    if changed:
        user.save(update_fields=list(changed))
    return list(changed)
