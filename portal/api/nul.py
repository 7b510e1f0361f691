"""No NUL in addresses: PostgreSQL's text holds none, so a question with one has no answer but this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from portal.api.shaping import shaped
from portal.lib.errors import Invalid


class NulMiddleware:
    """Answers 400 where the query or the path has a NUL character; bodies are checked field by field."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The refusal, or None."""
        if "\x00" in request.path:
            return shaped(request, Invalid("The address has a NUL character (%00), which no name has."))
        for name, values in request.GET.lists():
            if any("\x00" in text for text in (name, *values)):
                message = "A NUL character (%00) can not be asked for; take it out of the query."
                return shaped(request, Invalid(message, errors=[{"field": name, "message": message}]))
        return None
