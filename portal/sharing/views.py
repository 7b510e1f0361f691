"""The page that shares one thing."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.middleware import subject_of
from portal.explain.questions import find
from portal.lib.errors import NotFound
from portal.sharing.services import grants_on, share, shareable, unshare
from portal.spaces.permissions import words_for
from portal.spaces.querysets import subject_named
from portal.ui.forms import attempt


class ShareForm(forms.Form):
    """Who gets which permissions on one thing."""

    who = forms.CharField(max_length=160, label="Person or group")
    permissions = forms.MultipleChoiceField(
        label="May", widget=forms.CheckboxSelectMultiple, required=False, help_text="Seeing it is always included."
    )

    def __init__(self, *args: Any, thing: models.Model, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.MultipleChoiceField", self.fields["permissions"])
        field.choices = [(name, words_for(name)) for name in shareable(thing)]


def _here(thing: str) -> str:
    return f"/sharing/?{urlencode({'object': thing})}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Who has what on one thing, and a form to share it."""
    subject, thing = subject_of(request), request.GET.get("object", "")
    obj = find(subject, thing)
    grants = grants_on(subject, obj)
    form = ShareForm(request.POST if request.method == "POST" else None, thing=obj)
    if form.is_valid():
        data = form.cleaned_data

        def give() -> bool:
            named: Any = subject_named(data["who"])
            share(subject=subject, obj=obj, permissions=data["permissions"], **named)
            return True

        if attempt(form, give):
            messages.success(request, f"Shared with {data['who']}.")
            return redirect(_here(thing))
    values = {"crumbs": [(f"Share {obj}", "")], "thing": thing, "obj": obj, "grants": grants, "form": form}
    return render(request, "portal/sharing/page.html", values, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Take back what somebody was granted on one thing."""
    subject, thing = subject_of(request), request.GET.get("object", "")
    obj, who = find(subject, thing), request.POST.get("who", "")
    try:
        named: Any = subject_named(who)
        unshare(subject=subject, obj=obj, **named)
    except NotFound as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, f"No longer shared with {who.partition(':')[2] or who}.")
    return redirect(_here(thing))
