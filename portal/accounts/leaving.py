"""The way out to an identity provider.

Our content security policy lets forms post to ourselves only, and browsers hold redirects of a form to that, too.
So the sign-in button posts to us, and we answer with a page that goes on to the provider by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from requests import RequestException

SIGN_IN = "/accounts/"


class LeavingMiddleware:
    """Turns a posted form's redirect to elsewhere into a page that goes there; says so where a provider is down."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, by a page where the answer leaves this site."""
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or not request.path.startswith(SIGN_IN):
            return response
        target = urlsplit(response["Location"])
        if target.scheme not in {"http", "https"} or target.netloc == request.get_host():
            return response
        page = render(
            request, "portal/accounts/leaving.html", {"target": response["Location"], "host": target.hostname}
        )
        page.cookies = response.cookies
        add_never_cache_headers(page)
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A provider that does not answer is not a mistake of ours."""
        if isinstance(error, RequestException) and request.path.startswith(SIGN_IN):
            return render(request, "socialaccount/authentication_error.html", {"is_down": True}, status=503)
        return None
