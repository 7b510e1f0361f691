"""Reading one file by its URL, with conditional requests."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from urllib3.exceptions import HTTPError

from portal.lib.errors import PortalError
from portal.lib.fetch.addresses import Resolver, lookup
from portal.lib.fetch.allow import AllowList, host_of
from portal.lib.fetch.bodies import read_body
from portal.lib.fetch.connections import Deadline
from portal.lib.fetch.errors import SourceGone, SourceRefused, SourceUnavailable
from portal.lib.fetch.outgoing import Answer, Outgoing, Policy, checked_url

MAX_BYTES = 10 * 1024 * 1024
DEADLINE = 30.0
# How much of an error page is kept for whoever wants to read it.
_ERROR_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that has been read. ``not_modified`` when the other side says that the known version still holds.

    ``headers`` has all headers, their names in lower case.
    """

    status: int
    body: bytes
    etag: str
    last_modified: str
    content_type: str
    final_url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def not_modified(self) -> bool:
        """The version that was named by ``etag`` or ``last_modified`` is still the newest; there is no body."""
        return self.status == 304

    def raise_for_status(self) -> Response:
        """This answer when it is a good one (2xx or 304).

        Raises SourceRefused for 401, 403 and 407, SourceGone for 404 and 410, SourceUnavailable for all others.
        """
        url = checked_url(self.final_url)
        host, where = host_of(url), url.path or "/"  # a query may hold a token
        if 200 <= self.status < 300 or self.not_modified:
            return self
        if self.status in {401, 403, 407}:
            raise SourceRefused(f"{host} refuses access ({self.status}). Is a token missing or too weak?", host=host)
        if self.status in {404, 410}:
            raise SourceGone(f"{host} has nothing at {where}, or hides it without a token.", host=host)
        raise SourceUnavailable(f"{host} answered {self.status} for {where}.", host=host)


class Fetcher:
    """Reads from allowed hosts. Safe to share between threads; every call has its own connections and deadline."""

    def __init__(
        self,
        allow: AllowList,
        *,
        max_bytes: int = MAX_BYTES,
        deadline: float = DEADLINE,
        max_redirects: int = 5,
        resolve: Resolver = lookup,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Take the allow-list and the limits of one call: size of the body in bytes, and seconds for all of it.

        Proxies of the environment are not used. ``tls`` replaces the system's trusted certificates, and ``resolve``
        its name resolution.
        """
        self.policy = Policy(allow, max_redirects, resolve, tls)
        self.max_bytes = max_bytes
        self.deadline = deadline

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, etag: str = "", last_modified: str = ""
    ) -> Response:
        """Read ``url``; with ``etag`` or ``last_modified`` of a known version only if there is a newer one.

        Answers of any status are returned. Raises BadUrl, HostNotAllowed, AddressNotAllowed, SourceTooLarge,
        SourceTimeout or SourceUnavailable.
        """
        return self.request("GET", url, {**(headers or {}), **_conditions(etag, last_modified)})

    def read(
        self, url: str, headers: Mapping[str, str] | None = None, *, etag: str = "", last_modified: str = ""
    ) -> Response:
        """Like ``get``, but raises for an answer that is not a good one (``Response.raise_for_status``)."""
        return self.get(url, headers, etag=etag, last_modified=last_modified).raise_for_status()

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send any request; redirects are followed for GET and HEAD only. Errors as in ``get``."""
        with Outgoing(self.policy, Deadline(self.deadline)) as outgoing:
            answer = outgoing.request(method, url, {"Accept-Encoding": "gzip", **(headers or {})}, body)
            content = self._body(outgoing, answer)
            outgoing.deadline.check()
        found = answer.raw.headers
        return Response(
            status=answer.raw.status,
            body=content,
            etag=found.get("ETag", ""),
            last_modified=found.get("Last-Modified", ""),
            content_type=found.get("Content-Type", ""),
            final_url=answer.url,
            headers={name.lower(): value for name, value in found.items()},
        )

    def _body(self, outgoing: Outgoing, answer: Answer) -> bytes:
        if not 200 <= answer.raw.status < 300:
            return self._error_page(answer)
        try:
            return read_body(answer.raw, self.max_bytes)
        except (HTTPError, OSError) as error:
            raise outgoing.failure(checked_url(answer.url), error) from error
        except PortalError:
            outgoing.deadline.check()
            raise

    def _error_page(self, answer: Answer) -> bytes:
        try:
            return read_body(answer.raw, _ERROR_BYTES)
        except (HTTPError, OSError, PortalError):
            return b""


def _conditions(etag: str, last_modified: str) -> dict[str, str]:
    named = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in named.items() if value}


def from_settings() -> Fetcher:
    """The fetcher that operators configured by READING_ALLOW and READING_ALLOW_PRIVATE."""
    return Fetcher(AllowList(settings.READING_ALLOW, settings.READING_ALLOW_PRIVATE))
