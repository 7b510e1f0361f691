"""Requests within one operation: every hop is checked against the allow-list, and all of them share one deadline."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse, HTTPConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationParseError, NewConnectionError
from urllib3.util import Url, parse_url

from portal.lib.fetch.addresses import Resolver, addresses_of, lookup
from portal.lib.fetch.allow import AllowList, host_of, port_of
from portal.lib.fetch.connections import Deadline, pinned_pool
from portal.lib.fetch.errors import BadUrl, SourceUnavailable

USER_AGENT = "callboard"
_REDIRECTS = {301, 302, 303, 307, 308}
# Headers that may follow a redirect to another origin; whatever else was set may be a credential.
_HARMLESS = {"accept", "accept-encoding", "user-agent", "if-none-match", "if-modified-since", "git-protocol", "pragma"}


@dataclass(frozen=True, slots=True)
class Policy:
    """Where requests may go: the allow-list, how names are resolved, which certificates are trusted."""

    allow: AllowList
    max_redirects: int = 5
    resolve: Resolver = lookup
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose body has not been read, and the address that gave it after redirects."""

    raw: BaseHTTPResponse
    url: str


def checked_url(text: str) -> Url:
    """Parse a URL that may be fetched: http or https, a host, no credentials; raises BadUrl."""
    if not text.isprintable() or " " in text or "\\" in text:
        raise BadUrl("The address contains spaces, backslashes or control characters.")
    try:
        url = parse_url(text)
    except LocationParseError as error:
        raise BadUrl(f"{text!r} is not a valid address.", url=text) from error
    if url.auth is not None:
        raise BadUrl("The address contains credentials. Give a token in its own field instead.")
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadUrl(f"{text!r} is not an http or https address.", url=text)
    return url


def _checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    # SECURITY: the library below names the value in its error, and the value may be a token.
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise BadUrl(f"The value for the header {name} contains characters that no header may contain.")
    return headers


def origin_of(url: Url) -> tuple[str, str, int]:
    """Scheme, host and port: what a credential belongs to."""
    return url.scheme or "", (url.host or "").lower(), port_of(url)


@dataclass
class Outgoing:
    """The connections of one operation. Use it as a context manager and read answers within."""

    policy: Policy
    deadline: Deadline
    _pools: dict[tuple[str, str, int], list[HTTPConnectionPool]] = field(default_factory=dict)
    _answers: list[BaseHTTPResponse] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Start the clock."""
        self.deadline.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection, those of answers that nobody has read to the end too."""
        for raw in self._answers:
            raw.close()
        for pools in self._pools.values():
            for pool in pools:
                pool.close()
        self.deadline.__exit__(kind, error, trace)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] | None = None,
    ) -> Answer:
        """Send a request and follow the redirects of a GET or HEAD; each hop is checked like the first.

        Raises BadUrl, HostNotAllowed, AddressNotAllowed, SourceTimeout or SourceUnavailable; an answer of any status
        is no error.
        """
        here, sent = checked_url(url), {"User-Agent": USER_AGENT, **_checked_headers(headers or {})}
        for _hop in range(self.policy.max_redirects + 1):
            raw = self._send(method, here, sent, body)
            if raw.status not in _REDIRECTS or method not in {"GET", "HEAD"} or not raw.headers.get("Location"):
                return Answer(raw, here.url)
            there = self._redirect(here, raw)
            if origin_of(there) != origin_of(here):
                sent = {name: value for name, value in sent.items() if name.lower() in _HARMLESS}
            here = there
        raise SourceUnavailable(f"{host_of(here)} redirects more than {self.policy.max_redirects} times.")

    def _redirect(self, here: Url, raw: BaseHTTPResponse) -> Url:
        raw.close()
        there = checked_url(urljoin(here.url, raw.headers["Location"]))
        if here.scheme == "https" and there.scheme == "http":
            raise SourceUnavailable(f"{host_of(here)} redirects from https to http, which is not followed.")
        return there

    def _send(
        self, method: str, url: Url, headers: Mapping[str, str], body: bytes | Iterable[bytes] | None
    ) -> BaseHTTPResponse:
        self.policy.allow.check(url)
        if url.scheme == "http" and "Authorization" in headers and not self.policy.allow.may_be_private(url):
            raise BadUrl(f"A token is sent over https only, and {host_of(url)} is asked over http.")
        pools = self._pools_for(url)
        for position, pool in enumerate(pools):
            try:
                raw = pool.urlopen(
                    method,
                    url.request_uri,
                    body=body,
                    headers={**headers, "Host": host_of(url)},
                    retries=False,
                    redirect=False,
                    assert_same_host=False,
                    timeout=self.deadline.timeout(),
                    preload_content=False,
                    decode_content=False,
                )
                self._answers.append(raw)
                return raw
            except (NewConnectionError, ConnectTimeoutError) as error:
                if position == len(pools) - 1:
                    raise self.failure(url, error) from error
            except (HTTPError, OSError, ValueError) as error:
                raise self.failure(url, error) from error
        raise SourceUnavailable(f"{host_of(url)} has no address.")

    def _pools_for(self, url: Url) -> list[HTTPConnectionPool]:
        key = origin_of(url)
        if key not in self._pools:
            scheme, host, port = key
            addresses = addresses_of(
                host,
                port,
                self.deadline.remaining(),
                may_be_private=self.policy.allow.may_be_private(url),
                resolve=self.policy.resolve,
            )
            self._pools[key] = [
                pinned_pool(scheme, host.strip("[]"), address, port, deadline=self.deadline, tls=self.policy.tls)
                for address in addresses
            ]
        return self._pools[key]

    def failure(self, url: Url, error: Exception) -> SourceUnavailable:
        """What to raise for an error below: that the time is up where it is, else that the host fails."""
        self.deadline.check()
        reason = str(error).rsplit(": ", 1)[-1] if str(error) else type(error).__name__
        return SourceUnavailable(f"{host_of(url)} cannot be read: {reason}", host=host_of(url))
