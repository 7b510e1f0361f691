"""Pages of the shell itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from portal.lib.errors import Forbidden, NotFound
from portal.ui.errors import error_answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: say so plainly, change nothing."""
    return error_answer(
        request,
        Forbidden("This form is too old, or it was sent from another site. Go back, reload the page and send it again."),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No URL matches."""
    return error_answer(request, NotFound("There is no page at this address."))
