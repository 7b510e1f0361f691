"""Pages and fragments of the shell itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.lib.errors import Forbidden, Invalid, NotFound, PortalError
from portal.spaces import access
from portal.spaces.models import Space
from portal.ui.context import THEMES
from portal.ui.errors import api_error, error_answer
from portal.ui.requests import wants_fragment
from portal.ui.spaces import chosen_space

MAX_SWITCHER = 200


class Broken(PortalError):
    """A mistake of ours."""

    code = "error"
    status = 500
    title = "Something broke on our side"


def next_url(request: HttpRequest, fallback: str = "/") -> str:
    """Where to go after a small change: the ``next`` field, if it stays on this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else fallback


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or auto."""
    response = HttpResponseRedirect(next_url(request))
    wanted = request.POST.get("theme", "")
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=365 * 86_400, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_safe
@login_required
def space_switcher(request: HttpRequest) -> HttpResponse:
    """The entries of the space menu in the header."""
    spaces = access.visible_to(subject_of(request), Space.objects.order_by("name"))[:MAX_SWITCHER]
    path = next_url(request).split("?")[0]
    values = {"spaces": spaces, "chosen": chosen_space(request), "path": path, "is_cut": len(spaces) == MAX_SWITCHER}
    return render(request, "portal/ui/_space_switcher.html", values)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: say so plainly, change nothing."""
    return error_answer(
        request,
        Forbidden(
            "This form is too old, or it was sent from another site. Go back, reload the page and send it again."
        ),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No URL matches, or a view found nothing."""
    return error_answer(
        request, NotFound("There is no page at this address. It may have moved, or the link has a typing error.")
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request itself is malformed."""
    return error_answer(request, Invalid("The portal could not read this request. Go back and try again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A library refused."""
    return error_answer(request, Forbidden("You may not do this. Ask an admin of the space for a role that may."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug: nothing of it is shown, the log has it. Asks neither the database nor the session."""
    error = Broken("It is in the log. Try again; if it stays, tell an admin what you were doing.")
    if request.path.startswith("/api/"):
        return api_error(error)
    template = "portal/ui/_error.html" if wants_fragment(request) else "portal/ui/broken.html"
    return HttpResponse(render_to_string(template, {"error": error}), status=500)
