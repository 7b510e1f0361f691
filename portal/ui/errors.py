"""One place that turns errors into answers for browsers."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from portal.accounts.middleware import subject_of
from portal.lib.errors import NotFound, PortalError, Unauthenticated
from portal.ui.requests import wants_fragment


def error_answer(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The page (or fragment, or JSON below /api/) for a portal error, with its status."""
    if request.path.startswith("/api/"):
        return api_error(error)
    anonymous = subject_of(request).is_anonymous
    # SECURITY: whether a thing exists is not told to people who are not signed in: they are asked to sign in anyway.
    if isinstance(error, Unauthenticated) or (anonymous and isinstance(error, NotFound)):
        if wants_fragment(request):
            return HttpResponse(status=401, headers={"HX-Redirect": "/accounts/login/"})
        return redirect_to_login(request.get_full_path())
    template = "portal/ui/_error.html" if wants_fragment(request) else "portal/ui/error.html"
    return render(request, template, {"error": error}, status=error.status)


def api_error(error: PortalError) -> JsonResponse:
    """A problem+json answer outside of Django REST framework's views."""
    body = {"type": f"urn:callboard:problem:{error.code}", "title": error.title, "status": error.status}
    return JsonResponse(
        body | {"detail": error.detail} | error.data, status=error.status, content_type="application/problem+json"
    )
