"""What admins of root do about how somebody gets in: end their sessions, take away lost second factors."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.accounts.factors.services import reset_factors
from portal.accounts.middleware import subject_of
from portal.accounts.models import User
from portal.accounts.stepping_up import require_fresh
from portal.lib.errors import NotFound
from portal.sessions.services import end_all_sessions
from portal.spaces import people


def _person(request: HttpRequest, username: str) -> User:
    found: User | None = people.users_for(subject_of(request)).filter(username=username).first()
    if found is None:
        raise NotFound(f"There is nobody called “{username}”.")
    people.check_manage(subject_of(request))
    return found


@login_required
@require_POST
def person_sessions_end(request: HttpRequest, username: str) -> HttpResponse:
    """Sign somebody out everywhere."""
    user = _person(request, username)
    number = end_all_sessions(subject=subject_of(request), user=user)
    messages.success(request, f"{user} is signed out of {number} browser{'' if number == 1 else 's'}.")
    return redirect("people:person", username=username)


@login_required
@require_POST
def person_factors_reset(request: HttpRequest, username: str) -> HttpResponse:
    """Take away somebody's second factors."""
    user = _person(request, username)
    require_fresh(request)
    kinds = reset_factors(subject=subject_of(request), user=user)
    told = f"{user} has no second factor now and is signed out everywhere." if kinds else f"{user} had none."
    messages.success(request, told)
    return redirect("people:person", username=username)
