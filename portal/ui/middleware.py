"""What every answer has: a request id, a strict content security policy, and an error page that a person can use."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from portal.lib.errors import PortalError
from portal.ui import spaces
from portal.ui.errors import error_answer, sign_in_answer
from portal.ui.requests import wants_fragment

GetResponse = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


# What no page here uses is refused to whatever might get into one; security keys are used by our own pages alone.
PERMISSIONS = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in ("camera", "geolocation", "microphone", "payment", "usb", "serial", "hid", "midi")
        ),
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
    ]
)


class RequestFactsMiddleware:
    """Gives the request an id, binds it to every log line of the request and returns it as ``X-Request-Id``."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Tag, go on, answer with the tag."""
        request_id = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, path=request.path)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class ContentSecurityPolicyMiddleware:
    """Nothing inline, nothing from elsewhere, nothing cached for others. Views may set these headers themselves."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the policy."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            # The same address answers with a page or a fragment, and never the same to two people.
            patch_vary_headers(response, ["HX-Request", "Cookie"])
            # SECURITY: after the sign-out nobody reads the pages of before out of the browser's cache.
            is_private = getattr(request, "user", None) is not None and request.user.is_authenticated
            response.headers.setdefault("Cache-Control", "private, no-store" if is_private else "private, no-cache")
        return response


class ErrorPagesMiddleware:
    """Turns a ``PortalError`` that a view raised into a page, a fragment or JSON, by who asks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; errors come by ``process_exception``. Never swaps the sign-in page into a part of a page."""
        response = self.get_response(request)
        leaves = response.status_code == 302 and response["Location"].startswith(settings.LOGIN_URL)
        return sign_in_answer(request) if leaves and wants_fragment(request) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer for a portal error; None for anything else, which is a bug and is logged as such."""
        return error_answer(request, error) if isinstance(error, PortalError) else None


class SpaceChoiceMiddleware:
    """Remembers the space that was picked with ``?space=``."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and set the cookie where the address picks."""
        response = self.get_response(request)
        spaces.remember(request, response)
        return response
