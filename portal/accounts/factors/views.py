"""Pages of security keys and passkeys that allauth has otherwise."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from portal.accounts.factors.rule import has_factor, must_have_factor
from portal.accounts.middleware import subject_of
from portal.lib.errors import NotFound


class FactorsView(IndexView):  # type: ignore[misc]
    """allauth's page of all factors; says so where somebody was led here because they must have one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whether one must be set up before anything else."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        subject = subject_of(self.request)
        is_missing = must_have_factor(subject) and subject.user is not None and not has_factor(subject.user)
        return found | {"must_set_up": is_missing, "crumbs": [("Your security", "/account/"), ("Second factors", "")]}


index = FactorsView.as_view()


@login_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Where allauth returns to after a change: the page of all factors."""
    return redirect("mfa_index")


def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of the own keys, unless it is the last factor of somebody who must have one."""
    key = Authenticator.objects.filter(pk=pk, user=request.user.pk, type=Authenticator.Type.WEBAUTHN).first()
    if key is None:
        raise NotFound("There is no such key, or it is not yours.")
    if not get_adapter().can_delete_authenticator(key):
        messages.error(request, str(get_adapter().error_messages["cannot_delete_authenticator"]))
        return redirect("mfa_index")
    response: HttpResponse = webauthn.remove_webauthn(request, pk=pk)
    return response
