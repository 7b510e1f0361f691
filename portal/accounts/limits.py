"""How often somebody may try to get in: a second factor, a mail that is sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from portal.accounts.addresses import client_address
from portal.accounts.stepping_up import PROVED_AT
from portal.limits.counting import give_back, take

View = Callable[..., HttpResponse]


def limited_factor(view: View) -> View:
    """Counts posted codes and keys of one account (or address, where it is not known yet); good ones are free."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        name, who = _whose(request)
        take(name, who)
        before = request.session.get(PROVED_AT)
        response = view(request, *args, **kwargs)
        if request.session.get(PROVED_AT) != before:
            give_back(name, who)
        return response

    return counted


def _whose(request: HttpRequest) -> tuple[str, str | None]:
    if request.user.is_authenticated:
        return "second_factor", f"user {request.user.pk}"
    # allauth keeps whose password was right until the second factor is, too.
    pending = (request.session.get("account_login") or {}).get("user_pk")
    if pending:
        return "second_factor", f"user {pending}"
    return "sign_in_address", client_address(request)


def limited_mail(view: View) -> View:
    """Counts what is posted to pages that send mail, for the caller and for the address that is written to."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            take("mail", client_address(request))
            take("mail", request.POST.get("email", "").strip().lower())
        return view(request, *args, **kwargs)

    return counted
