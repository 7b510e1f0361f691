"""OpenID providers that listen on this machine, and a way through their sign-in without a browser."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from pytest_django import Settings

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class OpenIdProvider:
    """A provider: what it says next, and what it was asked."""

    key: str
    url: str = ""
    signing_key: rsa.RSAPrivateKey = KEY
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "ada"})
    about: dict[str, Any] | None = None
    nonce: str = ""
    refresh_status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)

    def id_token(self, **claims: Any) -> str:
        """A signed token."""
        now = int(time.time())
        facts = {"iss": self.url, "aud": "client", "iat": now, "exp": now + 60, "nonce": self.nonce}
        return jwt.encode({**facts, **self.claims, **claims}, self.signing_key, "RS256", {"kid": "one"})

    def answer(self, path: str, body: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON of one request."""
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks",
                     "userinfo_endpoint": "userinfo", "end_session_endpoint": "end"}  # fmt: skip
            found = {name: f"{self.url}/{place}" for name, place in names.items()}
            return 200, {"issuer": self.url, **found, **self.document}
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.signing_key.public_key()))
            return 200, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        if path == "/token":
            self.asked.append(body)
            if body["grant_type"] == "refresh_token" and self.refresh_status != 200:
                return self.refresh_status, {"error": "invalid_grant"}
            return 200, {"access_token": "access", "token_type": "Bearer",
                         "refresh_token": f"refresh-{len(self.asked)}",
                         "id_token": self.id_token()}  # fmt: skip
        return 200, self.about if self.about is not None else self.claims


def _handler(provider: OpenIdProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _send(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            status, found = provider.answer(self.path, body)
            raw = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _send  # noqa: N815 (the names that the server calls)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def make_provider(settings: Settings) -> Iterator[Callable[..., OpenIdProvider]]:
    """Start providers and tell the portal's settings of them."""
    servers = []
    settings.IDENTITY_PROVIDERS = []

    def make(key: str, **values: Any) -> OpenIdProvider:
        provider = OpenIdProvider(key)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        provider.url = f"http://127.0.0.1:{server.server_port}"
        settings.IDENTITY_PROVIDERS = [
            *settings.IDENTITY_PROVIDERS,
            {"key": key, "kind": "oidc", "name": key.title(), "server": provider.url, "client_id": "client",
             "client_secret": "secret", "join": "anybody", **values},
        ]  # fmt: skip
        return provider

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def corp(make_provider: Callable[..., OpenIdProvider]) -> OpenIdProvider:
    """One provider."""
    return make_provider("corp")


def leave_for(client: Client, key: str, **query: str) -> dict[str, str]:
    """Start a sign-in; what the provider is asked."""
    page = client.post(f"/accounts/oidc/{key}/login/", query_params=query)
    target = page.context["target"]
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def come_back(client: Client, key: str, **query: str) -> Any:
    """The provider's redirect."""
    return client.get(f"/accounts/oidc/{key}/login/callback/", {"code": "code", **query})


def sign_in(client: Client, provider: OpenIdProvider, **claims: Any) -> Any:
    """A whole sign-in of whoever ``claims`` says."""
    provider.claims = {"sub": "ada", "preferred_username": "ada", "name": "Ada", **claims}
    asked = leave_for(client, provider.key)
    provider.nonce = asked["nonce"]
    return come_back(client, provider.key, state=asked["state"])
