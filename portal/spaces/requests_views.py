"""Pages of requests for access: ask for a role in a space; see what waits, and answer."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.middleware import subject_of
from portal.lib.errors import Conflict, Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.models import AccessRequest, Role, Space
from portal.spaces.permissions import Permission
from portal.spaces.requests import (
    LONGEST_DAYS,
    grant_request,
    refuse_request,
    request_access,
    requests_for,
    waiting_for,
    withdraw_request,
)
from portal.ui.forms import attempt

SHOWN = 100
CRUMB = ("Spaces", "/spaces/")


class AskForm(forms.Form):
    """Which role, what for, and for how long."""

    role = forms.ModelChoiceField(Role.objects.none(), to_field_name="slug", empty_label=None)
    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), label="What for",
        help_text="Whoever answers knows only this.",
    )  # fmt: skip
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, required=False, label="For days", help_text="Empty means for good."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Role]", self.fields["role"]).queryset = Role.objects.all()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a role in a space that one sees."""
    subject = subject_of(request)
    space = access.get_for(subject, Space.objects.all(), Permission.SPACE_READ, slug=slug)
    form = AskForm(request.POST if request.method == "POST" else None, initial={"role": "writer"})
    asked = (
        attempt(form, lambda: request_access(subject=subject, space=space, **form.cleaned_data))
        if form.is_valid()
        else None
    )
    if asked is not None:
        givers = " or ".join(access.givers_in(space)) or "an admin of the space"
        messages.success(request, f"Asked. {givers} can answer.")
        return redirect("spaces:requests")
    values = {
        "crumbs": [CRUMB, (space.name, reverse("spaces:detail", args=[slug])), ("Ask for a role", "")], "form": form,
        "title": f"Ask for a role in {space.name}", "verb": "Ask", "back": reverse("spaces:detail", args=[slug]),
        "intro": "Whoever gives roles in the space sees your request and answers it.",
    }  # fmt: skip
    return render(request, "portal/ui/form_page.html", values, status=422 if form.errors else 200)


@login_required
@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """What waits for the visitor's answer, and what they asked for themselves."""
    subject = subject_of(request)
    values = {
        "crumbs": [CRUMB, ("Requests", "")], "waiting": waiting_for(subject)[:SHOWN],
        "own": requests_for(subject).filter(user=subject.user)[:SHOWN],
        "answered": requests_for(subject).exclude(user=subject.user).exclude(state=AccessRequest.State.OPEN)[:20],
    }  # fmt: skip
    return render(request, "portal/spaces/request_list.html", values)


@login_required
@require_POST
def request_answer(request: HttpRequest, uid: str) -> HttpResponse:
    """Grant, refuse or withdraw, as the pressed button says."""
    subject = subject_of(request)
    wanted = requests_for(subject).filter(uid=uid).first()
    if wanted is None:
        raise NotFound("There is no such request, or you may not see it.")
    verb, answer = request.POST.get("verb", ""), request.POST.get("answer", "")
    try:
        if verb == "withdraw":
            done = withdraw_request(subject=subject, wanted=wanted)
        elif verb == "grant":
            done = grant_request(subject=subject, wanted=wanted, answer=answer)
        elif verb == "refuse":
            done = refuse_request(subject=subject, wanted=wanted, answer=answer)
        else:
            raise Invalid("Press “Grant”, “Refuse” or “Take back”.")
    except (Conflict, Forbidden, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"{done}: {done.get_state_display().lower()}.")
    return redirect("spaces:requests")
