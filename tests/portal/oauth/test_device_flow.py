"""The device flow: a command line, a code, and a person in a browser."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.idp.oidc.internal.oauthlib import device_codes
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from portal.oauth.models import Grant
from tests.conftest import Cast
from tests.portal.oauth.conftest import Flow, call, send_form

pytestmark = pytest.mark.django_db
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def start(scope: str = "openid api") -> dict[str, Any]:
    answer = send_form("/oauth/device/code", {"client_id": "callboard-cli", "scope": scope})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def path(started: dict[str, Any]) -> str:
    """Where the device sends its person."""
    address = str(started["verification_uri_complete"])
    assert address.startswith(settings.BASE_URL)
    return address.removeprefix(settings.BASE_URL)


def poll(started: dict[str, Any]) -> Any:
    return send_form(
        "/oauth/token",
        {"grant_type": GRANT, "client_id": "callboard-cli", "device_code": started["device_code"]},
    )


def wait_a_turn(started: dict[str, Any]) -> None:
    key = device_codes.cache_device_code_key(started["device_code"])
    cache.set(key, cache.get(key) | {"last_poll_at": time.time() - 60})


def test_a_command_line_is_signed_in(flow: Flow, cast: Cast) -> None:
    started = start()
    assert poll(started).json()["error"] == "authorization_pending"
    assert poll(started).json()["error"] == "slow_down"
    flow.sign_in(cast.owner)
    page = flow.browser.get(path(started))
    assert "do everything that you may do" in page.content.decode()
    done = flow.browser.post(path(started), {"action": "confirm"})
    assert "Your device is signed in" in done.content.decode()
    wait_a_turn(started)
    made = poll(started).json()
    assert call(made["access_token"]).json()["tool"] == "Command line"
    assert poll(started).json()["error"] == "invalid_grant"


def test_a_refused_device_gets_nothing(flow: Flow, cast: Cast) -> None:
    started = start()
    flow.sign_in(cast.owner)
    flow.browser.post(path(started), {"action": "deny"})
    assert poll(started).json()["error"] == "access_denied"
    assert not Grant.objects.exists()


def test_a_page_elsewhere_can_not_agree_for_somebody(flow: Flow, cast: Cast) -> None:
    started = start()
    flow.sign_in(cast.owner)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = flow.browser.cookies
    assert strict.post(path(started), {"action": "confirm"}).status_code == 403
    assert poll(started).json()["error"] == "authorization_pending"


def test_codes_are_not_to_be_guessed(flow: Flow, cast: Cast, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"device_code": (3, 600)}
    flow.sign_in(cast.owner)
    answers = [flow.browser.get("/oauth/device", {"code": f"AAAA-AAA{n}"}).status_code for n in range(5)]
    assert answers == [422, 422, 422, 429, 429]


def test_a_device_asks_for_no_more_than_its_tool_may(flow: Flow) -> None:
    answer = send_form("/oauth/device/code", {"client_id": "callboard-cli", "scope": "root"})
    assert answer.json()["error"] == "invalid_scope"
    assert send_form("/oauth/device/code", {"client_id": "nobody"}).status_code in {400, 401}
