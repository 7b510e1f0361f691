"""Pages of one's own security: sessions, password and e-mail, and confirming that it is oneself."""

from __future__ import annotations

import uuid

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts import unfinished
from portal.accounts.factors.rule import has_factor, must_have_factor
from portal.accounts.local_sign_in import DIRECTORY, PROXY
from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import require_fresh
from portal.sessions.services import end_other_sessions, end_session, is_current, sessions_of
from portal.spaces.people import person_of, tokens_of
from portal.ui.panels import shown_panels


@never_cache
@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Everything by which one gets in: password, factors, providers, browsers, tokens."""
    subject = subject_of(request)
    user = person_of(subject)
    rows = [{"row": row, "is_current": is_current(row, request)} for row in sessions_of(user)]
    accounts = list(SocialAccount.objects.filter(user=user))
    values = {
        "crumbs": [("Your security", "")], "sessions": sorted(rows, key=lambda row: not row["is_current"]),
        "factors": Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES),
        "has_factor": has_factor(user), "must_have_factor": must_have_factor(subject),
        "accounts": accounts, "tokens": [token for token in tokens_of(subject) if token.is_active],
        "is_in_directory": any(found.provider == DIRECTORY for found in accounts),
        "has_mail": settings.MAIL_IS_CONFIGURED, "idle_hours": settings.SESSION_IDLE_SECONDS // 3600,
        "longest_days": settings.SESSION_LONGEST_SECONDS // 86400,
        "cards": shown_panels(request, "account_card", user),
    }  # fmt: skip
    return render(request, "portal/accounts/security.html", values)


@login_required
@require_POST
def session_end(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End one of the own sessions."""
    end_session(subject=subject_of(request), uid=uid)
    messages.success(request, "That browser is signed out.")
    return redirect("accounts:security")


@login_required
@require_POST
def session_end_others(request: HttpRequest) -> HttpResponse:
    """End all of the own sessions but this one."""
    subject = subject_of(request)
    number = end_other_sessions(subject=subject, user=person_of(subject), keep=request.session.session_key)
    messages.success(request, f"{number} other browser{'' if number == 1 else 's'} signed out.")
    return redirect("accounts:security")


@never_cache
@login_required
@require_safe
def go_on(request: HttpRequest) -> HttpResponse:
    """The form that was sent before its person had to confirm, to be sent by them once more."""
    found = unfinished.kept(request)
    if found is None:
        return redirect("/")
    require_fresh(request)
    unfinished.forget(request)
    return render(request, "portal/accounts/continue.html", {"unfinished": found})


@never_cache
@login_required
def reauthenticate(request: HttpRequest) -> HttpResponse:
    """Confirm by password, or be led to the way that one has; who has none signs in again."""
    if not get_adapter().get_reauthentication_methods(request.user):
        return render(request, "portal/accounts/sign_in_again.html", {"next": _next(request)})
    response: HttpResponse = account.reauthenticate(request)
    return response


@never_cache
@login_required
@require_safe
def reauthenticate_elsewhere(request: HttpRequest) -> HttpResponse:
    """Confirm by signing in once more at the provider, which is asked to ask."""
    user = person_of(subject_of(request))
    others = SocialAccount.objects.filter(user=user).exclude(provider__in=[DIRECTORY, PROXY])
    named = set(others.values_list("provider", flat=True))
    providers = [
        provider
        for provider in get_social_adapter(request).list_providers(request)
        if {provider.id, getattr(provider, "sub_id", "")} & named
    ]
    values = {"providers": providers, "next": _next(request)}
    return render(request, "portal/accounts/reauthenticate_elsewhere.html", values)


def _next(request: HttpRequest) -> str:
    """Where to go afterwards, within this site."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, None) else "/"


@never_cache
@login_required
def password_change(request: HttpRequest) -> HttpResponse:
    """allauth's page; a changed password ends all other sessions."""
    subject = subject_of(request)
    user = person_of(subject)
    before = user.password
    response: HttpResponse = account.password_change(request)
    user.refresh_from_db(fields=["password"])
    if user.password != before:
        end_other_sessions(subject=subject, user=user, keep=request.session.session_key)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a mail with a link; where no mail is configured, say who helps instead."""
    if not settings.MAIL_IS_CONFIGURED:
        return render(request, "portal/accounts/password_help.html")
    response: HttpResponse = account.password_reset(request)
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """Change the own address, which counts once it is confirmed; where no mail is configured, say who changes it."""
    if not settings.MAIL_IS_CONFIGURED:
        return render(request, "portal/accounts/email_help.html", {"crumbs": [("E-mail", "")]})
    response: HttpResponse = account.email(request)
    return response
