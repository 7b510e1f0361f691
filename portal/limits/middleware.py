"""Limits on addresses that cost much, and the ``Retry-After`` header of every answer that says “too many”."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.accounts.addresses import client_address
from portal.api.authentication import bearer_of
from portal.api.shaping import shaped
from portal.limits.counting import take
from portal.limits.errors import TooManyRequests


class LimitsMiddleware:
    """Counts calls of the URL names in ``settings.LIMITED_ADDRESSES`` for each caller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The answer “too many” where the caller has no try left."""
        match = request.resolver_match
        name = settings.LIMITED_ADDRESSES.get(match.view_name) if match else None
        if name is None:
            return None
        try:
            take(name, caller_of(request))
        except TooManyRequests as error:
            return too_many(request, error)
        return None


def too_many(request: HttpRequest, error: TooManyRequests) -> HttpResponse:
    """The answer in the shape that the address speaks."""
    answer = shaped(request, error)
    answer["Retry-After"] = str(error.data.get("retry_after", 1))
    return answer


def caller_of(request: HttpRequest) -> str:
    """Who calls, as far as it is known before the rights are asked: token, session's person, or address."""
    if plain := bearer_of(request):
        return f"token {hashlib.sha256(plain.encode()).hexdigest()}"
    if request.user.is_authenticated:
        return f"user {request.user.pk}"
    return f"address {client_address(request)}"
