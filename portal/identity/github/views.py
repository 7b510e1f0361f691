"""The way out to a GitHub and back."""

from __future__ import annotations

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse

from portal.identity.configured import WAYS, provider_with, way_of
from portal.identity.github.provider import GitHubAdapter
from portal.identity.models import Kind


def _adapter(request: HttpRequest, provider_id: str) -> GitHubAdapter:
    row = provider_with(provider_id, enabled_only=True)
    if row is None or way_of(row) != WAYS[Kind.GITHUB]:
        raise Http404
    try:
        return GitHubAdapter(request, provider_id)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


@login_not_required  # type: ignore[untyped-decorator]
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to GitHub."""
    response: HttpResponse = OAuth2LoginView.adapter_view(_adapter(request, provider_id))(request)
    return response


@login_not_required  # type: ignore[untyped-decorator]
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from GitHub."""
    response: HttpResponse = OAuth2CallbackView.adapter_view(_adapter(request, provider_id))(request)
    return response
