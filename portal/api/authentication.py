"""Who calls the API: a bearer token, or the browser's session (with its CSRF check)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from portal.accounts.middleware import client_address
from portal.accounts.models import ApiToken, User, Workload, hash_token
from portal.accounts.subjects import Subject, machine, person
from portal.limits.counting import take
from portal.oauth.subjects import is_access_token, subject_of_access_token
from portal.spaces.rights import attach
from portal.spaces.token_lookup import token_with_rights

_USED_EVERY = timedelta(minutes=1)


def subject_from_token(plain: str, address: str | None = None) -> Subject | None:
    """The subject of a plain bearer token from ``address``.

    None where the token is unknown, revoked, expired, used from elsewhere than it may be, or its bearer is suspended.
    """
    if is_access_token(plain):
        return subject_of_access_token(plain, address)
    found = token_with_rights(hash_token(plain))
    if found is None:
        return None
    token, rights = found
    if not token.is_active or not token.bearer.is_active or not token.is_good_from(address):
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    if token.workload is not None:
        subject = machine(token.workload, token=token, address=address)
    else:
        subject = person(token.owner, token=token, address=address)
    attach(subject, rights)
    return subject


def bearer_of(request: HttpRequest) -> str | None:
    """The bearer token in plain text, or None where the header is absent or of another scheme."""
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    return plain.strip() if scheme.lower() == "bearer" and plain.strip() else None


class BearerTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer cbp_…`` (API tokens) or ``cbo_…`` (access tokens of tools)."""

    def authenticate(self, request: Request) -> tuple[User | Workload, ApiToken | None] | None:
        """The bearer and the token; sets the request's subject. Raises 401 where the token is not good."""
        plain = bearer_of(request._request)
        if plain is None:
            return None
        subject = subject_from_token(plain, client_address(request._request))
        caller = (subject.user or subject.workload) if subject is not None else None
        if subject is None or caller is None:
            take("token", client_address(request._request))
            raise AuthenticationFailed(
                "The API token is unknown, revoked or expired, or was given to a tool for something else. "
                "Make a new one under “API tokens”."
            )
        request._request.subject = subject  # type: ignore[attr-defined]
        return caller, subject.token

    def authenticate_header(self, request: Request) -> str:
        """Makes unauthenticated answers 401 instead of 403."""
        return 'Bearer realm="callboard"'


class PortalSessionAuthentication(SessionAuthentication):
    """The browser's session; ``request.subject`` is already there."""

    def authenticate(self, request: Request) -> Any:
        """As in Django REST framework: checks CSRF for whoever is signed in by cookie."""
        return super().authenticate(request)
