"""Put the acting subject on every request, from the session. API tokens replace it in ``portal.api``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from portal.accounts.addresses import client_address
from portal.accounts.subjects import Subject, person

__all__ = ["SubjectMiddleware", "client_address", "subject_from_session", "subject_of"]

if TYPE_CHECKING:

    class SubjectRequest(HttpRequest):
        """A request that carries who acts."""

        subject: Subject


class SubjectMiddleware:
    """Sets ``request.subject`` lazily, so that requests that need no rights make no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the subject and go on."""
        request.subject = SimpleLazyObject(lambda: subject_from_session(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def subject_from_session(request: HttpRequest) -> Subject:
    """The signed-in person of this request's session, or the anonymous subject."""
    lazy = request.user
    # Asking something makes Django load the user; what it wraps is the model itself, which compares and pickles well.
    user = getattr(lazy, "_wrapped", lazy) if lazy.is_authenticated else lazy
    return person(user, address=client_address(request))


def subject_of(request: HttpRequest) -> Subject:
    """The acting subject of a request."""
    # A request that was refused before its session was looked at (a forged host) is nobody's.
    return cast("SubjectRequest", request).subject if hasattr(request, "subject") else Subject()
