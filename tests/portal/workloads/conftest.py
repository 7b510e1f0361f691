"""An issuer that listens on this machine, as CI systems have one, and a way to its tokens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from pytest_django import Settings

from portal.accounts.subjects import system
from portal.spaces.bindings import bind_role
from portal.spaces.models import Binding, Role, Space
from portal.workloads.models import Trust
from portal.workloads.token_api import GRANT
from tests.factories.workloads import AUDIENCE

SUBJECT = "repo:acme/shop:ref:refs/heads/main"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"})


@dataclass
class Issuer:
    """A CI system: what it publishes, and what it was asked for."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [key.as_dict(private=False) for key in (KEY, EC, ED)])
    document: dict[str, Any] = field(default_factory=dict)
    redirect: str = ""
    asked: list[str] = field(default_factory=list)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """What a good token of a job says; None takes a claim out."""
        now = int(time.time())
        facts = {
            "iss": self.url, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "nbf": now, "exp": now + 300, "jti": "1",
            "repository_owner": "acme", "run_attempt": 1, "ref_protected": True, **changed,
        }  # fmt: skip
        return {name: value for name, value in facts.items() if value is not None}

    def token(self, *, key: Key = KEY, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A signed token."""
        return signed(self.claims(**changed), key, header)

    def answer(self, path: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of one request."""
        self.asked.append(path)
        if self.redirect:
            return 302, {"Location": self.redirect + path}, {}
        if path == "/.well-known/openid-configuration":
            return 200, {}, {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **self.document}
        return (200, {}, {"keys": self.keys}) if path == "/jwks" else (404, {}, {})


class _Anything(JWSRegistry):
    """Signs with whatever a test asks for."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def signed(claims: dict[str, Any], key: Any = KEY, header: dict[str, Any] | None = None) -> str:
    """``claims`` signed with any key and any header."""
    head = {"alg": "RS256", "kid": "one", "typ": "JWT", **(header or {})}
    return jws.serialize_compact(head, json.dumps(claims).encode(), key, registry=_Anything(strict_check_header=False))


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, found = issuer.answer(self.path)
            raw = json.dumps(found).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def make_issuer(settings: Settings, db: None) -> Iterator[Callable[[], Issuer]]:
    """Start issuers that operators allow."""
    servers = []
    cache.clear()

    def make() -> Issuer:
        issuer = Issuer()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(issuer))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        host = f"127.0.0.1:{server.server_port}"
        issuer.url = f"http://{host}"
        settings.WORKLOAD_ALLOW_PRIVATE = [*settings.WORKLOAD_ALLOW_PRIVATE, host]
        return issuer

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def issuer(make_issuer: Callable[[], Issuer]) -> Issuer:
    """One issuer."""
    return make_issuer()


def give(trust: Trust, role: str, space: Space) -> Binding:
    """Let jobs of a trust have a role."""
    return bind_role(subject=system(), space=space, role=Role.objects.get(slug=role), workload=trust.workload)


def exchange(token: str, trust: Trust | None = None, changed: dict[str, str] | None = None) -> Any:
    """What the portal answers to a job."""
    asked = {
        "grant_type": GRANT, "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        **({"trust": str(trust.uid)} if trust else {}), **(changed or {}),
    }  # fmt: skip
    return Client().post("/api/v1/workload-tokens/", urlencode(asked), "application/x-www-form-urlencoded")


def status(plain: str, slug: str) -> int:
    """What a token gets at a space."""
    return Client(headers={"Authorization": f"Bearer {plain}"}).get(f"/api/v1/spaces/{slug}/").status_code
