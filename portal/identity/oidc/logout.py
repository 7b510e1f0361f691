"""Signing out at an OpenID provider: by the browser, and told by the provider itself."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import requests
from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.identity.configured import OIDC_WAY, provider_with, way_of
from portal.identity.models import IdentityProvider, ProviderSession
from portal.identity.oidc.client import discover, verify
from portal.identity.replay import use_once
from portal.identity.sessions import end_sessions

log = logging.getLogger(__name__)
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def end_session_url(provider: IdentityProvider, row: ProviderSession) -> str:
    """Where the browser ends the session at the provider too; empty where it offers no such place."""
    try:
        target = discover(provider).get("end_session_endpoint")
    except (requests.RequestException, OAuth2Error) as error:
        log.warning("%s could not be asked where sessions end: %s", provider.key, error)
        return ""
    if not isinstance(target, str) or not target.startswith(("https://", "http://")):
        return ""
    asked = {
        "id_token_hint": row.id_token, "client_id": provider.client_id,
        "post_logout_redirect_uri": settings.BASE_URL + reverse("account_login"),
    }  # fmt: skip
    return f"{target}{'&' if '?' in target else '?'}{urlencode({name: text for name, text in asked.items() if text})}"


@never_cache
@csrf_exempt
@login_not_required  # type: ignore[untyped-decorator]
@require_POST
def back_channel(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The provider tells that a session ended (OpenID Connect Back-Channel Logout 1.0)."""
    provider = provider_with(provider_id, enabled_only=True)
    if provider is None or way_of(provider) != OIDC_WAY:
        raise Http404
    try:
        sub, sid = _checked(provider, request.POST.get("logout_token", ""))
    except (OAuth2Error, requests.RequestException) as error:
        return JsonResponse({"error": "invalid_request", "error_description": str(error)}, status=400)
    with transaction.atomic():
        end_sessions(provider.key, account_uid=sub, sid=sid)
    return HttpResponse(status=200)


def _checked(provider: IdentityProvider, token: str) -> tuple[str, str]:
    """Subject and session of a good logout token (section 2.6 there)."""
    claims = verify(discover(provider), token, provider.client_id, require=["iss", "aud", "iat", "exp", "jti"])
    events = claims.get("events")
    if not isinstance(events, dict) or EVENT not in events or "nonce" in claims:
        raise OAuth2Error("The token is no logout token.")
    sub, sid = str(claims.get("sub") or ""), str(claims.get("sid") or "")
    if not (sub or sid):
        raise OAuth2Error("The logout token names nobody.")
    if not use_once(provider.key, f"logout {claims['jti']}", float(claims["exp"])):
        raise OAuth2Error("The logout token was used before.")
    return sub, sid
