"""The page of one's own API tokens."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.forms import TokenForm
from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import require_fresh
from portal.lib.errors import NotFound
from portal.spaces.people import person_of, tokens_of
from portal.spaces.tokens import issue_token, revoke_token
from portal.ui.forms import attempt


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the own tokens and make new ones; the plain text is in the one answer that made it, and kept nowhere."""
    subject = subject_of(request)
    owner = person_of(subject)
    form = TokenForm(request.POST if request.method == "POST" else None, subject=subject)
    made = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if not data["role"]:
            require_fresh(request)
        made = attempt(
            form,
            lambda: issue_token(
                subject=subject, owner=owner, name=data["name"], expires_at=form.expires_at(),
                roles=form.roles(), addresses=data["addresses"],
            ),
        )  # fmt: skip
        form = TokenForm(subject=subject) if made else form
    values = {"crumbs": [("API tokens", "")], "form": form, "made": made, "tokens": tokens_of(subject)}
    return render(request, "portal/accounts/tokens.html", values, status=422 if form.errors else 200)


@login_required
@require_POST
def token_revoke(request: HttpRequest, uid: str) -> HttpResponse:
    """End one of the own tokens."""
    subject = subject_of(request)
    token = tokens_of(subject).filter(uid=uid).first()
    if token is None:
        raise NotFound("There is no such token, or it is not yours.")
    revoke_token(subject=subject, token=token)
    messages.success(request, f"“{token.name}” no longer works.")
    return redirect("accounts:tokens")


@require_safe
def password_help(request: HttpRequest) -> HttpResponse:
    """What to do about a forgotten password: the portal sends no mail, admins give new ones."""
    return render(request, "portal/accounts/password_help.html")
