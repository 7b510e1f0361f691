"""Sign-in by a proxy in front that has checked who it is and says so in a header. Off unless operators name the header.

SECURITY: the header is believed from the peers in ``PROXY_AUTH_FROM`` alone, by the address of the connection itself,
and taken off every other request before anything can read it.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.utils import perform_login
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import logout
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from portal.accounts.addresses import client_address, direct_peer, is_in
from portal.accounts.local_sign_in import PROXY
from portal.accounts.models import User
from portal.accounts.newcomers import make_outside_user
from portal.accounts.subjects import person
from portal.api.authentication import bearer_of
from portal.audit import services as audit
from portal.identity.gates import note_facts
from portal.lib.errors import PortalError
from portal.ui.errors import error_answer

NAMED = "named_by_proxy"
_OPEN = ("/accounts/", "/static/", "/healthz", "/readyz")


class ProxyHeaderMiddleware:
    """Keeps the session and the header in step: same person, or no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign in, go on, or end the session, by what the header says."""
        if not settings.PROXY_AUTH_HEADER:
            return self.get_response(request)
        name = _said_by_proxy(request)
        # SECURITY: endpoints look at a token that is sent, and at nothing else; pages look at the session all the same.
        if request.path.startswith("/api/") and bearer_of(request) is not None:
            return self.get_response(request)
        _end_session_of_others(request, name)
        if not name or request.user.is_authenticated or request.path.startswith(_OPEN):
            return self.get_response(request)
        try:
            response = _sign_in(request, name)
        except PortalError as error:
            return error_answer(request, error)
        # A second factor stands between: allauth leads there.
        return self.get_response(request) if request.user.is_authenticated else response


def _meta(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _said_by_proxy(request: HttpRequest) -> str:
    """Who the proxy says it is; empty, with the headers taken off, where anybody else says it."""
    if is_in(direct_peer(request), settings.PROXY_AUTH_FROM):
        return _value(request, settings.PROXY_AUTH_HEADER)
    for header in _headers():
        request.META.pop(_meta(header), None)
    # ``request.headers`` may have been read already: it is made again from what is left.
    request.__dict__.pop("headers", None)
    return ""


def _headers() -> list[str]:
    named = [
        settings.PROXY_AUTH_HEADER,
        settings.PROXY_AUTH_EMAIL_HEADER,
        settings.PROXY_AUTH_NAME_HEADER,
        settings.PROXY_AUTH_GROUPS_HEADER,
    ]
    return [header for header in named if header]


def _value(request: HttpRequest, header: str) -> str:
    return str(request.META.get(_meta(header), "")).strip()[:191] if header else ""


def _end_session_of_others(request: HttpRequest, name: str) -> None:
    """End the session where the proxy no longer names its person."""
    before = request.session.get(NAMED)
    if before is not None:
        is_other = before != name
    else:
        is_other = bool(name) and request.user.is_authenticated and not _is_linked(request.user.pk, name)
    if is_other and request.user.is_authenticated:
        subject = person(request.user, address=client_address(request))
        audit.record(subject=subject, action="session.delete", obj=subject.user, via=PROXY)
        logout(request)


def _is_linked(user_pk: int | None, name: str) -> bool:
    return bool(SocialAccount.objects.filter(provider=PROXY, uid=name, user=user_pk).exists())


def _sign_in(request: HttpRequest, name: str) -> HttpResponse:
    email, full_name = (
        _value(request, settings.PROXY_AUTH_EMAIL_HEADER),
        _value(request, settings.PROXY_AUTH_NAME_HEADER),
    )
    user = account_of(name, full_name=full_name, email=email, address=client_address(request))
    groups = None
    if settings.PROXY_AUTH_GROUPS_HEADER and _meta(settings.PROXY_AUTH_GROUPS_HEADER) in request.META:
        words = str(request.META[_meta(settings.PROXY_AUTH_GROUPS_HEADER)]).split(",")
        groups = [word.strip() for word in words if word.strip()]
    claims = {"name": name, "email": email, "display_name": full_name}
    note_facts(request, provider=PROXY, claims=claims, groups=groups)
    response: HttpResponse = perform_login(request, user, email_verification="none")
    if request.user.is_authenticated:
        request.session[NAMED] = name
    return response


@transaction.atomic
def account_of(name: str, *, full_name: str, email: str, address: str | None) -> User:
    """The account of the person that the proxy names, made where it is missing; never one of another kind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"accounts.proxy {name}"])
    link = SocialAccount.objects.filter(provider=PROXY, uid=name).select_related("user").first()
    if link is not None:
        found: User = link.user
        return found
    user = make_outside_user(username=name, name=full_name, email=email, via=PROXY, address=address)
    SocialAccount.objects.create(user=user, provider=PROXY, uid=name)
    return user
