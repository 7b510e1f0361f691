"""Whoever must have a second factor and has none sets one up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portal.accounts.factors.rule import NOBODY, has_factor, must_have_factor
from portal.accounts.middleware import subject_of
from portal.api.authentication import bearer_of
from portal.lib.errors import PortalError
from portal.ui.errors import api_error
from portal.ui.requests import wants_fragment

HAS_FACTOR = "has_second_factor"
# What one needs on the way there, and what is nobody's secret.
OPEN = ("/accounts/", "/static/", "/healthz", "/readyz", "/account/continue/", "/theme/")


class SecondFactorRequired(PortalError):
    """The person must set up a second factor first."""

    code = "second_factor_required"
    status = 403
    title = "Set up a second factor first"


class FactorMiddleware:
    """Leads people to the page of their second factors; answers the browser's API calls with 403."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The way to the set-up, for whoever lacks what they must have."""
        if settings.MFA_REQUIRED == NOBODY or request.path.startswith(OPEN):
            return None
        is_api = request.path.startswith("/api/")
        # SECURITY: endpoints look at a token that is sent, and at nothing else; pages look at the session all the same.
        if (is_api and bearer_of(request) is not None) or not _lacks_factor(request):
            return None
        if is_api:
            return api_error(SecondFactorRequired("Set up a second factor under “Your security” first."))
        target = reverse("mfa_index")
        if wants_fragment(request):
            return HttpResponse(status=403, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)


def _lacks_factor(request: HttpRequest) -> bool:
    subject = subject_of(request)
    if subject.user is None or request.session.get(HAS_FACTOR) or not must_have_factor(subject):
        return False
    if has_factor(subject.user):
        request.session[HAS_FACTOR] = True
        return False
    return True


def on_factor_removed(sender: Any, request: HttpRequest | None, **facts: Any) -> None:
    """allauth's signal: look again whether there is one left."""
    if request is not None:
        request.session.pop(HAS_FACTOR, None)
