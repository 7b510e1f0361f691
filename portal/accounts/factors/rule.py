"""Who must have a second factor."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.conf import settings

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.spaces import people

NOBODY, ADMINS, EVERYBODY = "nobody", "admins", "everybody"
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_factor(subject: Subject) -> bool:
    """Does ``MFA_REQUIRED`` ask this person for a second factor? Admins are those who manage people at root."""
    if subject.user is None or subject.is_by_token:
        return False
    if settings.MFA_REQUIRED == EVERYBODY:
        return True
    return settings.MFA_REQUIRED == ADMINS and people.may_manage(subject)


def has_factor(user: User) -> bool:
    """Has this person an authenticator app or a key? Recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user, type__in=KINDS).exists())
