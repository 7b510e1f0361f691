"""Signing out here signs out at the provider too, where it offers that."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from onelogin.saml2.errors import OneLogin_Saml2_Error  # type: ignore[import-untyped]

from portal.identity.configured import OIDC_WAY, provider_with, way_of
from portal.identity.models import IdentityProvider, Kind, ProviderSession
from portal.identity.oidc.logout import end_session_url
from portal.identity.saml.config import auth_for
from portal.identity.sessions import of_request


def sign_out_url(request: HttpRequest) -> str:
    """Where the browser goes to end the provider's session; empty where there is none to end."""
    row = of_request(request)
    provider = provider_with(row.provider_key, enabled_only=True) if row else None
    if row is None or provider is None:
        return ""
    if way_of(provider) == OIDC_WAY:
        return end_session_url(provider, row)
    if provider.kind == Kind.SAML and provider.idp_slo_url:
        return _saml_url(request, provider, row)
    return ""


def _saml_url(request: HttpRequest, provider: IdentityProvider, row: ProviderSession) -> str:
    auth = auth_for(request, provider, request.path)
    back = settings.BASE_URL + reverse("account_login")
    try:
        found: str = auth.logout(return_to=back, session_index=row.sid or None, **row.name_id)
    except OneLogin_Saml2_Error:
        return ""
    return found
