"""The tester: may this person do that there, and by which chain?"""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import Subject
from portal.explain.questions import ask, ask_who, kinds
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.spaces.permissions import catalogue


class QuestionForm(forms.Form):
    """A question about rights; everything stands in the address, so that it can be shared."""

    permission = forms.ChoiceField(label="May do")
    object = forms.CharField(label="On", max_length=300)
    user = forms.CharField(label="Who", required=False, max_length=150, help_text="A username; empty means yourself.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = sorted((f"{row.words} ({row.name})", row.name) for row in catalogue())
        cast("forms.ChoiceField", self.fields["permission"]).choices = [(name, words) for words, name in rows]
        nouns = ", ".join(f"{noun}:…" for noun in sorted(kinds()))
        self.fields["object"].help_text = f"For example space:root. Begins with one of {nouns}"


@login_required
@require_safe
def tester(request: HttpRequest) -> HttpResponse:
    """The form, and the answer where something was asked."""
    is_asked = "permission" in request.GET
    form = QuestionForm(request.GET if is_asked else None, initial={"permission": "space:read", "object": "space:root"})
    values: dict[str, Any] = {"crumbs": [("Explain rights", "")], "form": form}
    if is_asked and form.is_valid():
        values |= _answered(subject_of(request), form)
    return render(request, "portal/explain/tester.html", values, status=422 if form.errors else 200)


def _answered(subject: Subject, form: QuestionForm) -> dict[str, Any]:
    data = form.cleaned_data
    values: dict[str, Any] = {}
    try:
        values["answer"] = ask(
            subject, permission=data["permission"], thing=data["object"], username=data["user"].strip()
        )
        values["who"] = data["user"].strip() or "You"
    except (Invalid, NotFound, Forbidden) as error:
        form.add_error("user" if isinstance(error, Forbidden) else "object", error.detail)
        return values
    try:
        values["holders"] = ask_who(subject, permission=data["permission"], thing=data["object"])
    except Forbidden as error:
        values["holders_refusal"] = error.detail
    return values
