"""Endpoints that speak Backstage's wire contract: plain views, its error shape, tokens and sessions alike.

``{"error": {"name", "message"}, "request": {"method", "url"}, "response": {"statusCode"}}``
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from portal.accounts.middleware import client_address, subject_of
from portal.accounts.subjects import Subject
from portal.api.authentication import bearer_of, subject_from_token
from portal.lib.errors import Forbidden, Invalid, PortalError, Unauthenticated
from portal.limits.counting import take

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Subject, P], HttpResponseBase]

NAMES = {
    400: "InputError",
    401: "AuthenticationError",
    403: "NotAllowedError",
    404: "NotFoundError",
    409: "ConflictError",
    413: "PayloadTooLargeError",
    503: "ServiceUnavailableError",
}


class MethodNotAllowed(PortalError):
    """The address knows other methods only."""

    code = "method_not_allowed"
    status = 405
    title = "This address does not take this method"


def wire_error(request: HttpRequest, error: PortalError) -> JsonResponse:
    """A portal error in Backstage's shape; extra facts of the error stand beside it."""
    body: dict[str, Any] = {
        "error": {"name": NAMES.get(error.status, "Error"), "message": error.detail},
        "request": {"method": request.method, "url": request.get_full_path()},
        "response": {"statusCode": error.status},
    }
    wait = error.data.get("retry_after")
    return JsonResponse(
        body | {key: value for key, value in error.data.items() if key == "errors"},
        status=error.status,
        headers={"Retry-After": str(wait)} if wait else None,
    )


def authenticate(request: HttpRequest) -> Subject:
    """Who calls: the owner of the bearer token, or the person of the session (with CSRF check on writes)."""
    plain = bearer_of(request)
    if plain is not None:
        subject = subject_from_token(plain, client_address(request))
        if subject is None:
            take("token", client_address(request))
            raise Unauthenticated("The API token is unknown, revoked or expired.")
        request.subject = subject  # type: ignore[attr-defined]
        return subject
    subject = subject_of(request)
    if subject.is_anonymous:
        raise Unauthenticated("Sign in, or send an API token as “Authorization: Bearer …”.")
    refused = _Csrf(lambda _: HttpResponse()).check(request)
    if refused is not None:
        raise Forbidden("The request of a signed-in browser needs its CSRF token.")
    return subject


class _Csrf(CsrfViewMiddleware):
    """Django's CSRF check, asked for by hand because the views are exempt for tokens' sake."""

    def check(self, request: HttpRequest) -> str | None:
        self.process_request(request)
        refused: object = self.process_view(request, _guarded, (), {})
        return None if refused is None else str(refused)

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _guarded(request: HttpRequest) -> HttpResponse:
    """Stands for a view that is not exempt."""
    return HttpResponse()


def wire(*methods: str) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Make an endpoint of a function of (request, subject, …): authentication, allowed methods, error shape."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def endpoint(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                subject = authenticate(request)
                if request.method not in methods:
                    raise MethodNotAllowed(f"Use {' or '.join(methods)}.")
                return view(request, subject, *args, **kwargs)
            except PortalError as error:
                return wire_error(request, error)

        return endpoint

    return decorate


def read_json(request: HttpRequest) -> dict[str, Any]:
    """The body as a JSON object; raises ``Invalid`` for anything else."""
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.")
    return body
