"""What our rules add to allauth's second factors: secrets at rest, names, and who may do without."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from portal.accounts.factors.rule import must_have_factor
from portal.accounts.models import User
from portal.accounts.subjects import person
from portal.lib import secrets


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and seeds of recovery codes are encrypted like every other secret."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right. Codes change every 30 seconds and each works once.",
        "cannot_delete_authenticator": "You must have a second factor. Add another one first, then remove this.",
    }

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """As it is used."""
        return secrets.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        """How authenticator apps call us: the product and which installation of it."""
        return f"Callboard {context.request.get_host()}"

    def get_totp_label(self, user: Any) -> str:
        """Whose account it is."""
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: str) -> str:
        """A name to begin with."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "Security key" if number == 1 else f"Security key {number}"

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody who must have one."""
        user = User.objects.get(pk=authenticator.user_id)
        others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists() or not must_have_factor(person(user))
