"""Calls of a host's API: with the token, only to the API's own origin, and only while the host lets itself be asked."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.utils import timezone

from catalog.providers.models import Provider
from portal.lib import fetch
from portal.lib.fetch.errors import SourceUnavailable

_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)
_LONGEST_PAUSE = timedelta(hours=24)
_USUAL_PAUSE = timedelta(minutes=1)


class AskedToWait(SourceUnavailable):
    """The host's limit is reached; ``until`` is when it may be asked again."""

    code = "rate_limited"
    title = "The host asks to wait"

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(f"{host} asks to wait until {until:%H:%M:%S} (UTC): its limit of requests is reached.")
        self.until = until


class Client:
    """The API of a provider's host."""

    accept: ClassVar[str] = "application/json"

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.api: str = provider.options["api_url"]
        self.host = urlsplit(self.api).netloc
        self._origin = urlsplit(self.api)[:2]
        self._wait_until = provider.wait_until

    def get(self, url: str, *, etag: str = "", accept: str = "", method: str = "GET") -> fetch.Response:
        """An answer of the API, whatever its status.

        Raises ``AskedToWait`` where the limit is reached, and what ``Fetcher.get`` raises.
        """
        if self._wait_until and self._wait_until > timezone.now():
            raise AskedToWait(self.host, self._wait_until)
        # SECURITY: the token goes to the API alone, wherever a list of pages may lead.
        if urlsplit(url)[:2] != self._origin:
            raise SourceUnavailable(f"{self.host} leads to another host for more, which is not followed.")
        headers = {"Accept": accept or self.accept}
        if self.provider.secret:
            headers["Authorization"] = f"Bearer {self.provider.secret}"
        if etag:
            headers["If-None-Match"] = etag
        answer = fetch.from_settings().request(method, url, headers)
        self._heed(answer)
        return answer

    def json(self, url: str, *, etag: str = "", absent: Collection[int] = ()) -> tuple[Any, fetch.Response]:
        """A good answer and what it holds: None where it is not modified, or has one of the ``absent`` statuses.

        Raises for bad ones, also.
        """
        answer = self.get(url, etag=etag)
        if answer.not_modified or answer.status in absent:
            return None, answer
        answer.raise_for_status()
        try:
            return json.loads(answer.body), answer
        except (ValueError, RecursionError) as error:
            raise SourceUnavailable(f"{self.host} answers something else than JSON. Is {self.api} its API?") from error

    def _heed(self, answer: fetch.Response) -> None:
        """Remember how long the host wants to be left alone; raise where it refused because of that."""
        until = pause_of(answer.status, answer.headers, answer.body)
        if until is None:
            return
        self._wait_until = until
        Provider.objects.filter(pk=self.provider.pk).update(wait_until=until)
        if answer.status in (403, 429):
            raise AskedToWait(self.host, until)


def next_page(answer: fetch.Response) -> str:
    """The address of the next page (RFC 8288); empty on the last one."""
    found = _NEXT.search(answer.headers.get("link", ""))
    return found[1] if found else ""


def pause_of(status: int, headers: Mapping[str, str], body: bytes = b"") -> datetime | None:
    """Until when a host does not want to be asked, as its answer says; None where it may be asked.

    ``Retry-After`` (RFC 9110), ``X-RateLimit-*`` of GitHub and ``RateLimit-*`` of GitLab. A host that has nearly none
    left is left alone too, so that others who use the same token are not locked out.
    """
    remaining = _number(headers, "x-ratelimit-remaining", "ratelimit-remaining")
    limit = _number(headers, "x-ratelimit-limit", "ratelimit-limit") or 0
    is_refused = status == 429 or (
        status == 403 and (remaining == 0 or "retry-after" in headers or b"rate limit" in body.lower())
    )
    is_nearly_over = remaining is not None and remaining <= limit // 100 and status < 400 and limit > 0
    if not is_refused and not is_nearly_over:
        return None
    now = timezone.now()
    until = _retry_after(headers.get("retry-after", ""), now) if is_refused else None
    reset = _number(headers, "x-ratelimit-reset", "ratelimit-reset")
    if until is None and reset is not None and reset < time.time() + _LONGEST_PAUSE.total_seconds():
        until = datetime.fromtimestamp(reset, UTC)
    if until is None and not is_refused:
        return None
    return min(max(until or now + _USUAL_PAUSE, now + timedelta(seconds=1)), now + _LONGEST_PAUSE)


def _number(headers: Mapping[str, str], *names: str) -> int | None:
    for name in names:
        text = headers.get(name, "")
        if text.isdigit() and len(text) < 12:
            return int(text)
    return None


def _retry_after(text: str, now: datetime) -> datetime | None:
    if text.isdigit() and len(text) < 8:
        return now + timedelta(seconds=int(text))
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
