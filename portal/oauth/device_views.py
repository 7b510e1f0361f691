"""The device flow (RFC 8628): a command line shows a code, its person types it here and agrees."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.decorators import login_not_required
from allauth.idp.oidc import views as allauth_views
from allauth.idp.oidc.internal.oauthlib import device_codes
from allauth.idp.oidc.models import Client
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.accounts.middleware import subject_of
from portal.accounts.stepping_up import require_fresh
from portal.limits.counting import take
from portal.oauth.granting import give
from portal.oauth.scopes import API
from portal.oauth.views import scope_lines
from portal.spaces.people import account_of


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(login_not_required, name="dispatch")
class DeviceCode(allauth_views.DeviceCodeView):  # type: ignore[misc]
    """A device asks for a code; its person is sent to the public address, whatever host the device called."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The answer of RFC 8628 section 3.2."""
        answer: HttpResponse = super().post(request, *args, **kwargs)
        if answer.status_code == 200:
            told = json.loads(answer.content)
            page = f"{settings.BASE_URL}{reverse('idp:oidc:device_authorization')}"
            with_code = f"{page}?{urlencode({'code': told['user_code']})}"
            told |= {"verification_uri": page, "verification_uri_complete": with_code}
            answer.content = json.dumps(told).encode()
        answer["Cache-Control"] = "no-store"
        return answer


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def device(request: HttpRequest) -> HttpResponse:
    """Type the code, see which tool it is of and what it wants, agree or not."""
    subject = subject_of(request)
    user = account_of(subject)
    code = request.GET.get("code", "").strip()
    values: dict[str, Any] = {"code": code, "crumbs": [("Sign in a device", "")]}
    if not code:
        return render(request, "portal/oauth/device.html", values)
    found = _pending(code)
    if found is None:
        # SECURITY: codes are short, so each person may guess a few only.
        take("device_code", f"user {user.pk}")
        values["error"] = "There is no such code, or it is over. Start again on your device."
        return render(request, "portal/oauth/device.html", values, status=422)
    device_code, client, scopes = found
    values |= {"client": client, "asked": scope_lines(scopes)}
    if request.method != "POST":
        return render(request, "portal/oauth/device_confirm.html", values)
    is_agreed = request.POST.get("action") == "confirm"
    if is_agreed:
        if API in scopes:
            require_fresh(request)
        give(subject=subject, client=client, scopes=scopes)
    device_codes.confirm_or_deny_device_code(user, device_code, confirm=is_agreed)
    return render(request, "portal/oauth/device_done.html", values | {"is_agreed": is_agreed})


def _pending(code: str) -> tuple[str, Client, list[str]] | None:
    """The device's code, its tool and what it wants; None where the typed code is of no waiting device."""
    try:
        device_code, client = device_codes.validate_user_code(code)
    except ValidationError:
        return None
    asked = (cache.get(device_codes.cache_device_code_key(device_code)) or {}).get("scope")
    return device_code, client, list(asked or client.get_default_scopes())
