"""Every request to an identity provider, ours and allauth's, goes through the portal's guarded way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from portal.identity.configured import all_providers, issuer_of
from portal.identity.models import IdentityProvider, Kind
from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher

MAX_BYTES = 2 * 1024 * 1024
DEADLINE = 10.0
_FURTHER = {
    Kind.GOOGLE: ["oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com"],
    Kind.MICROSOFT: ["graph.microsoft.com"],
    Kind.GITHUB: ["github.com", "api.github.com"],
}


def hosts_of(provider: IdentityProvider) -> list[str]:
    """``host`` or ``host:port`` of everything that is asked of this provider."""
    named = [issuer_of(provider), provider.metadata_url, provider.server if provider.kind == Kind.GITHUB else ""]
    own = [urlsplit(url).netloc.rpartition("@")[2] for url in named if url]
    return list(dict.fromkeys([*own, *_FURTHER.get(Kind(provider.kind), []), *provider.hosts]))


def fetcher(providers: list[IdentityProvider] | None = None) -> Fetcher:
    """Reads from the hosts of ``providers`` (of all where none are given).

    SECURITY: a host with a private address must be named by an operator: in IDENTITY_ALLOW_PRIVATE, or as the issuer of
    a provider in the settings. Naming it in the interface is not enough.
    """
    rows = all_providers() if providers is None else providers
    allowed = [host for provider in rows for host in hosts_of(provider)]
    private = [host for provider in rows if provider.is_from_settings for host in hosts_of(provider)]
    return Fetcher(
        AllowList(allowed, [*private, *settings.IDENTITY_ALLOW_PRIVATE]),
        max_bytes=MAX_BYTES,
        deadline=DEADLINE,
    )


class GuardedTransport(BaseAdapter):
    """What ``requests`` sends by, replaced with our fetcher. Refusals become ``requests``' own errors."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one prepared request."""
        body = request.body.encode() if isinstance(request.body, str) else request.body or None
        if body is not None and not isinstance(body, bytes):
            raise requests.RequestException("Only whole bodies are sent.")
        headers = {name: str(value) for name, value in request.headers.items() if name.lower() != "accept-encoding"}
        try:
            answer = fetcher().request(request.method or "GET", request.url or "", headers, body)
        except PortalError as error:
            raise requests.ConnectionError(error.detail, request=request) from error
        found = requests.Response()
        found.status_code = answer.status
        found._content = answer.body
        found.headers = CaseInsensitiveDict({"Content-Type": answer.content_type})
        found.url = answer.final_url
        found.request = request
        return found

    def close(self) -> None:
        """Nothing is kept open."""


def session() -> requests.Session:
    """A ``requests`` session that can reach configured providers only, and reads no proxies of the environment."""
    found = requests.Session()
    found.trust_env = False
    found.mount("https://", GuardedTransport())
    found.mount("http://", GuardedTransport())
    return found
