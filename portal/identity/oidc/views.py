"""The way out to an OpenID provider and back."""

from __future__ import annotations

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse

from portal.identity.oidc.provider import OidcAdapter


def _provider(request: HttpRequest, provider_id: str) -> OidcAdapter:
    adapter = OidcAdapter(request, provider_id)
    try:
        is_ours = adapter.get_provider().app.provider == "openid_connect"
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    if not is_ours:
        raise Http404
    return adapter


@login_not_required  # type: ignore[untyped-decorator]
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the provider."""
    adapter = _provider(request, provider_id)
    try:
        response: HttpResponse = OAuth2LoginView.adapter_view(adapter)(request)
    except OAuth2Error as error:
        response = render_authentication_error(request, adapter.get_provider(), exception=error)
    return response


@login_not_required  # type: ignore[untyped-decorator]
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the provider."""
    response: HttpResponse = OAuth2CallbackView.adapter_view(_provider(request, provider_id))(request)
    return response
