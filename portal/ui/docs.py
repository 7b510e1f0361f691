"""The API as pages that people can browse and try."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
@login_required
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every operation of ``/api/schema/``."""
    return render(request, "portal/ui/api_docs.html", {"crumbs": [("API", "")]})
