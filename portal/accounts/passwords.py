"""Local passwords: as many hashes for a name that nobody has as for one that somebody has."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from django.http import HttpRequest


class PasswordBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's backend, which looks at a name once: as a username, else as an address."""

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Any:
        # SECURITY: allauth looks twice at an address that it knows, and whoever measures learns which ones it knows.
        login = credentials.get("username") or credentials.get("email") or ""
        named = get_user_by_username(login) if login else None
        found = [named] if named else filter_users_by_email(login, prefer_verified=True, for_login=True)
        for user in found:
            if self._check_password(user, credentials["password"]):
                return user
        return None
