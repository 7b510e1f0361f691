"""One place that turns errors into answers for browsers."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import ReauthenticationRequired, way_to_confirm
from portal.lib.errors import NotFound, PortalError, Unauthenticated
from portal.ui.requests import wants_fragment


def error_answer(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The page (or fragment, or JSON below /api/) for a portal error, with its status."""
    if request.path.startswith("/api/"):
        return api_error(error)
    anonymous = subject_of(request).is_anonymous
    # SECURITY: whether a thing exists is not told to people who are not signed in: they are asked to sign in anyway.
    if isinstance(error, Unauthenticated) or (anonymous and isinstance(error, NotFound)):
        return sign_in_answer(request)
    if isinstance(error, ReauthenticationRequired):
        return way_to_confirm(request)
    template = "portal/ui/_error.html" if wants_fragment(request) else "portal/ui/error.html"
    answer = render(request, template, {"error": error}, status=error.status)
    if wait := error.data.get("retry_after"):
        answer["Retry-After"] = str(wait)
    return answer


def sign_in_answer(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and back; htmx is told to take the whole page there."""
    if not wants_fragment(request):
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    back = redirect_to_login(urlunsplit(("", "", page.path or "/", page.query, "")))
    return HttpResponse(status=401, headers={"HX-Redirect": back["Location"]})


def api_error(error: PortalError) -> JsonResponse:
    """A problem+json answer outside of Django REST framework's views."""
    body = {"type": f"urn:callboard:problem:{error.code}", "title": error.title, "status": error.status}
    return JsonResponse(
        body | {"detail": error.detail} | error.data, status=error.status, content_type="application/problem+json"
    )
