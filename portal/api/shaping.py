"""An error in the shape that its address speaks: Backstage's, problem+json, or a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from portal.api.wire import wire_error
from portal.lib.errors import PortalError
from portal.ui.errors import error_answer

WIRE = ("/api/catalog/", "/api/scaffolder/", "/api/search/", "/api/techdocs/")


def shaped(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The answer for a portal error that no view raised."""
    return wire_error(request, error) if request.path.startswith(WIRE) else error_answer(request, error)
