"""A tool, a person, and the code flow between them."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.idp.oidc.models import Client as Tool
from django.core.cache import cache
from django.test import Client

from portal.accounts.models import User
from portal.accounts.stepping_up import PROVED_AT
from portal.accounts.subjects import person
from portal.oauth.clients import create_client
from tests.conftest import Cast

BACK = "https://tool.example.com/back"


@dataclass
class Flow:
    """A tool that sends a browser to the portal and turns what comes back into tokens."""

    tool: Tool
    secret: str
    browser: Client
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def sign_in(self, user: User, *, is_fresh: bool = True) -> None:
        self.browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = self.browser.session
        session[PROVED_AT] = time.time() if is_fresh else 0
        session.save()

    def ask(self, **changes: Any) -> Any:
        values = {
            "response_type": "code", "client_id": self.tool.pk, "redirect_uri": BACK, "scope": "openid profile email",
            "state": "s1", "nonce": "n1", "code_challenge": self.challenge, "code_challenge_method": "S256",
        } | changes  # fmt: skip
        return self.browser.get("/oauth/authorize", {key: value for key, value in values.items() if value is not None})

    def agree(self, page: Any, **changes: Any) -> Any:
        form = page.context["form"]
        values = {"request": form.initial["request"], "scopes": form.fields["scopes"].initial, "action": "grant"}
        return self.browser.post("/oauth/authorize", values | changes)

    def code(self, **changes: Any) -> str:
        answer = self.agree(self.ask(**changes))
        assert answer.status_code == 302, answer.content
        return query_of(answer)["code"]

    def turn(self, code: str, **changes: Any) -> Any:
        values = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "client_id": self.tool.pk,
            "client_secret": self.secret, "code_verifier": self.verifier,
        } | changes  # fmt: skip
        return send_form("/oauth/token", values)

    def tokens(self, **changes: Any) -> dict[str, Any]:
        answer = self.turn(self.code(**changes))
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def renew(self, refresh_token: str) -> Any:
        values = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self.tool.pk,
                  "client_secret": self.secret}  # fmt: skip
        return send_form("/oauth/token", values)


def send_form(path: str, values: dict[str, Any]) -> Any:
    """A tool's own request: a form, as RFC 6749 has it."""
    return Client().post(path, urlencode(values), content_type="application/x-www-form-urlencoded")


def query_of(answer: Any) -> dict[str, str]:
    """The query of where an answer sends the browser."""
    return {key: values[0] for key, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def call(token: str, method: str = "get", path: str = "/api/v1/users/me/", **data: Any) -> Any:
    """A call of the API with an access token."""
    send = getattr(Client(), method)
    return send(path, data or None, content_type="application/json", headers={"Authorization": f"Bearer {token}"}) \
        if method != "get" else send(path, data or None, headers={"Authorization": f"Bearer {token}"})  # fmt: skip


@pytest.fixture
def flow(cast: Cast) -> Flow:
    """A confidential tool that may ask for everything, and a browser in which nobody is signed in."""
    cache.clear()
    tool, secret = create_client(
        subject=person(cast.operator), is_public=False, name="Dashboards", redirect_uris=[BACK],
        scopes=["openid", "profile", "email", "groups", "api:read", "api"],
        post_logout_redirect_uris=["https://tool.example.com/bye"],
    )  # fmt: skip
    return Flow(tool, secret, Client())
