"""Dangerous acts need a person who proved a short while ago who they are: nobody acts for them on an open browser.

Pages and endpoints call ``require_fresh(request)`` or wear ``@fresh_only``. A session is fresh after its sign-in; once
``FRESH_SECONDS`` are over its person confirms, with what they sign in with. API tokens are not asked: they are scoped,
they end, and nobody sits in front of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts import unfinished
from portal.accounts.middleware import subject_of
from portal.lib.errors import PortalError
from portal.ui.requests import wants_fragment

PROVED_AT = "proved_at"

P = ParamSpec("P")
R = TypeVar("R")


class ReauthenticationRequired(PortalError):
    """The session is good, but too long ago its person proved who they are."""

    code = "reauthentication_required"
    status = 403
    title = "Confirm that it is you"


def mark_proved(request: HttpRequest) -> None:
    """The person of this session has just proved who they are."""
    request.session[PROVED_AT] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    """Did the person of this session prove who they are within ``FRESH_SECONDS``? API tokens always did."""
    subject = subject_of(request)
    if subject.is_by_token or subject.is_system:
        return True
    proved_at = request.session.get(PROVED_AT)
    return isinstance(proved_at, int | float) and 0 <= time.time() - proved_at <= settings.FRESH_SECONDS


def require_fresh(request: HttpRequest) -> None:
    """Raise ``ReauthenticationRequired`` unless the caller proved a short while ago who they are."""
    if not subject_of(request).is_anonymous and not is_fresh(request):
        raise ReauthenticationRequired(
            "This can do much harm, so confirm first that it is you: sign in again, then do it once more."
        )


def fresh_only(view: Callable[Concatenate[HttpRequest, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
    """A view that calls ``require_fresh`` first. It stands below ``login_required``."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        require_fresh(request)
        return view(request, *args, **kwargs)

    return guarded


def way_to_confirm(request: HttpRequest) -> HttpResponse:
    """The answer to a page's request that was not fresh: confirm, then go on where one was, with what was typed."""
    target = f"{reverse('account_reauthenticate')}?{urlencode({'next': _way_back(request)})}"
    if wants_fragment(request):
        return HttpResponse(status=403, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _way_back(request: HttpRequest) -> str:
    if request.method in {"GET", "HEAD"} and not wants_fragment(request):
        return request.get_full_path()
    if request.method == "POST" and unfinished.keep(request):
        return reverse("accounts:continue")
    return _page_before(request)


def _page_before(request: HttpRequest) -> str:
    """The page that the request came from, as an address of this site."""
    before = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
    # SECURITY: headers are the caller's own words; another site is never the way back.
    if not url_has_allowed_host_and_scheme(before, {request.get_host()}):
        return "/"
    parts = urlsplit(before)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def on_signed_in(sender: Any, request: HttpRequest | None, **facts: Any) -> None:
    """Django's signal: somebody signed in, by whichever way."""
    if request is not None:
        mark_proved(request)


def on_step_completed(sender: Any, request: HttpRequest, **facts: Any) -> None:
    """allauth's signal: somebody who is signed in proved again who they are."""
    if facts.get("reauthenticated"):
        mark_proved(request)


def signed_in_and_fresh(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view for people who are signed in and proved a short while ago who they are."""
    return login_required(fresh_only(view))
