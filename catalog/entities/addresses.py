"""Whether a text is a complete address, as browsers see it (the URL standard of the WHATWG)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import unquote

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)", re.DOTALL)
# These have a host, however many slashes stand behind the colon.
_WITH_HOST = frozenset({"http", "https", "ws", "wss", "ftp"})
_IGNORED_WITHIN = str.maketrans("", "", "\t\n\r")
_IGNORED_AROUND = "".join(map(chr, range(0x21)))
_FORBIDDEN = re.compile(r"[\x00 #/:<>?@\[\\\]^|\t\n\r]")
_FORBIDDEN_IN_DOMAIN = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_MOST_IPV4_PARTS = 4
_HIGHEST_PORT = 65535


def is_absolute_url(text: str) -> bool:
    """Whether ``new URL(text)`` takes it: a scheme, and a host that can be one where there must be one."""
    found = _SCHEME.fullmatch(text.strip(_IGNORED_AROUND).translate(_IGNORED_WITHIN))
    if found is None:
        return False
    scheme, rest = found[1].lower(), found[2]
    if scheme in _WITH_HOST:
        authority = re.split(r"[/\\?#]", rest.lstrip("/\\"), maxsplit=1)[0]
        return _is_authority(authority, _is_domain)
    if scheme == "file" or not rest.startswith("//"):
        return True
    authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    return not authority or _is_authority(authority, lambda host: not _FORBIDDEN.search(host))


def _is_authority(authority: str, is_host: Callable[[str], bool]) -> bool:
    host_and_port = authority.rpartition("@")[2]
    host, port = _split_port(host_and_port)
    if port and not (port.isascii() and port.isdigit() and int(port[-9:]) <= _HIGHEST_PORT):
        return False
    if host.startswith("["):
        return host.endswith("]") and _is_ipv6(host[1:-1])
    return bool(host) and is_host(host)


def _split_port(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, bracket, port = text.partition("]")
        return host + bracket, port.removeprefix(":")
    host, _colon, port = text.partition(":")
    return host, port


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_domain(host: str) -> bool:
    domain = unquote(host)
    if not domain or _FORBIDDEN_IN_DOMAIN.search(domain):
        return False
    parts = domain.split(".")
    if parts[-1] == "" and len(parts) > 1:
        parts.pop()
    return _is_ipv4(parts) if _NUMBER.fullmatch(parts[-1]) else True


def _is_ipv4(parts: list[str]) -> bool:
    """Whether numbers with dots between them are an address: the last one may fill the bytes of the missing ones."""
    if len(parts) > _MOST_IPV4_PARTS or not all(map(_NUMBER.fullmatch, parts)):
        return False
    try:
        numbers = [int(part[2:] or "0", 16) if part[:2] in ("0x", "0X") else _decimal_or_octal(part) for part in parts]
    except ValueError:
        return False
    return all(number < 256 for number in numbers[:-1]) and numbers[-1] < 256 ** (_MOST_IPV4_PARTS + 1 - len(parts))


def _decimal_or_octal(part: str) -> int:
    return int(part, 8) if part.startswith("0") and part != "0" else int(part)
