"""Sessions that came from a provider: begun with its tokens, looked at again, ended by it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.accounts.middleware import client_address
from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.identity.configured import OIDC_WAY, provider_with, way_of
from portal.identity.models import IdentityProvider, ProviderSession
from portal.identity.refreshing import NoLonger, look_again
from portal.identity.tokens import Carried

log = logging.getLogger(__name__)
SESSION = "identity_session"
RETRY = timedelta(minutes=1)
# A provider that can not be asked for so many times its interval ends its sessions: silence is no consent for ever.
PATIENCE = 3


def begin(request: HttpRequest, user: User, provider: IdentityProvider, account_uid: str, carried: Carried) -> None:
    """Remember in the session, by a row, which provider it came from and how to ask that again."""
    # Rows whose sessions have ended by themselves point nowhere any more.
    longest = timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
    ProviderSession.objects.filter(created_at__lt=timezone.now() - longest).delete()
    can_ask = bool(carried.refresh_token) or way_of(provider) not in {OIDC_WAY, "saml"}
    again = timezone.now() + timedelta(minutes=provider.recheck_minutes)
    row = ProviderSession.objects.create(
        user=user, provider_key=provider.key, account_uid=account_uid, sid=carried.sid[:300], name_id=carried.name_id,
        access_token=carried.access_token if can_ask else "", refresh_token=carried.refresh_token,
        id_token=carried.id_token, ends_at=carried.ends_at,
        look_again_at=again if can_ask and provider.recheck_minutes else None,
    )  # fmt: skip
    request.session[SESSION] = str(row.uid)


def of_request(request: HttpRequest) -> ProviderSession | None:
    """The row of this request's session, where it has one."""
    uid = request.session.get(SESSION)
    return ProviderSession.objects.filter(uid=uid).first() if uid else None


def end_sessions(provider_key: str, *, account_uid: str = "", name_id: str = "", sid: str = "") -> int:
    """End what the provider says has ended: one session by its ``sid``, or all of an account; how many.

    The browser finds out at its next request, since its session points to a row that is gone.
    """
    rows = ProviderSession.objects.filter(provider_key=provider_key)
    if sid:
        rows = rows.filter(sid=sid)
    if account_uid:
        rows = rows.filter(account_uid=account_uid)
    if name_id:
        rows = rows.filter(name_id__name_id=name_id)
    if not (sid or account_uid or name_id):
        return 0
    ended = list(rows.select_related("user"))
    for row in ended:
        audit.record(subject=Subject(label=f"provider {provider_key}"), action="session.delete", obj=row.user)
        row.delete()
    return len(ended)


class ProviderSessionMiddleware:
    """Ends sessions that their provider ended, and looks at the groups again when it is time.

    PERF: one read by a unique key for sessions that came from a provider, none for others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look, then go on; as nobody where the session is over."""
        if SESSION in request.session and request.user.is_authenticated:
            words = self._over(request)
            if words:
                logout(request)
                messages.warning(request, words)
        return self.get_response(request)

    def _over(self, request: HttpRequest) -> str:
        row = of_request(request)
        # SECURITY: a row of somebody else is as good as none.
        if row is None or row.user_id != request.user.pk:
            return "Your identity provider signed you out. Sign in again."
        provider = provider_with(row.provider_key, enabled_only=True)
        if provider is None:
            return "The identity provider that you signed in through is no longer in use. Sign in again."
        if row.ends_at and row.ends_at <= timezone.now():
            return "Your identity provider lets sessions live only so long. Sign in again."
        if row.look_again_at and row.look_again_at <= timezone.now():
            return _look(request, row.pk, provider)
        return ""


def _look(request: HttpRequest, pk: int, provider: IdentityProvider) -> str:
    """Ask the provider again; empty where the session goes on. Of several requests at once, one asks."""
    with transaction.atomic():
        row = ProviderSession.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None or row.look_again_at is None or row.look_again_at > timezone.now():
            return ""
        try:
            look_again(row, provider, address=client_address(request))
        except NoLonger as error:
            audit.record(
                subject=Subject(address=client_address(request)), action="session.refuse", obj=row.user,
                via=provider.key, error=str(error),
            )  # fmt: skip
            row.delete()
            return "Your identity provider no longer vouches for you. Sign in again."
        except (requests.RequestException, OAuth2Error) as error:
            return _later(row, provider, error)
    return ""


def _later(row: ProviderSession, provider: IdentityProvider, error: Exception) -> str:
    log.warning("%s could not be asked again about a session: %s", provider.key, error)
    if timezone.now() - row.looked_at > PATIENCE * timedelta(minutes=provider.recheck_minutes):
        row.delete()
        return "Your identity provider could not be asked about you for too long. Sign in again."
    row.look_again_at = timezone.now() + RETRY
    row.save(update_fields=["look_again_at"])
    return ""
