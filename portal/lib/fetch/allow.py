"""The operators' list of hosts that may be read from, with Backstage's patterns for ``backend.reading.allow``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from urllib3.util import Url

from portal.lib.errors import Invalid
from portal.lib.fetch.errors import HostNotAllowed

DEFAULT_PORTS = {"http": 80, "https": 443}
_PATTERN = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|(?:\*\.)?[^\s/:*\[\]@]+)(?::(?P<port>\d{1,5}))?(?P<path>/\S*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern: ``example.com``, ``*.example.com`` (hosts below it), ``example.com:8443``, ``example.com/a/``.

    Without a port only the default ports of http and https fit; a path is a prefix.
    """

    host: str
    port: int | None
    path: str

    @classmethod
    def parse(cls, pattern: str) -> Rule:
        """Read one pattern; raises Invalid for what is none."""
        found = _PATTERN.fullmatch(pattern.strip())
        if not found:
            raise Invalid(f"{pattern!r} is no host pattern. Use host, *.host, host:port or host/path.", pattern=pattern)
        port = found["port"]
        return cls(found["host"].lower().rstrip("."), int(port) if port else None, found["path"] or "/")

    def fits(self, url: Url) -> bool:
        """Whether a parsed URL falls under this pattern."""
        return (
            self._fits_host((url.host or "").lower().rstrip("."))
            and port_of(url) == (self.port or DEFAULT_PORTS.get(url.scheme or ""))
            and self._fits_path(url.path or "/")
        )

    def _fits_host(self, host: str) -> bool:
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host

    def _fits_path(self, path: str) -> bool:
        # SECURITY: a server may read %2e%2e%2f as ``../``, which a prefix does not survive.
        is_plain = self.path == "/" or not re.search(r"%2e|%2f|%5c|\\", path, re.IGNORECASE)
        return is_plain and path.startswith(self.path)


def port_of(url: Url) -> int:
    """The port that a request for a URL goes to."""
    return url.port or DEFAULT_PORTS.get(url.scheme or "", 0)


class AllowList:
    """Which hosts may be read from, and which of them may have private addresses.

    ``allow`` and ``private`` are patterns; a host with private addresses must fit one of each.
    """

    def __init__(self, allow: Iterable[str] = (), private: Iterable[str] = ()) -> None:
        self._allow = [Rule.parse(pattern) for pattern in allow]
        self._private = [Rule.parse(pattern) for pattern in private]

    def check(self, url: Url) -> None:
        """Raise HostNotAllowed unless the URL fits a pattern."""
        if not any(rule.fits(url) for rule in self._allow):
            host = host_of(url)
            raise HostNotAllowed(
                f"The portal may not read {host}{_path_hint(self._allow, url)}. "
                f"An operator can allow it by adding {host} to READING_ALLOW.",
                host=host,
            )

    def may_be_private(self, url: Url) -> bool:
        """Whether the host may have a private or loopback address."""
        return any(rule.fits(url) for rule in self._private)


def _path_hint(rules: list[Rule], url: Url) -> str:
    known = any(Rule(rule.host, rule.port, "/").fits(url) for rule in rules)
    return f" at {url.path or '/'}" if known else ""


def host_of(url: Url) -> str:
    """The host of a URL with its port where that is not the default one."""
    port = f":{url.port}" if url.port and url.port != DEFAULT_PORTS.get(url.scheme or "") else ""
    return f"{url.host}{port}"
