"""Where a request comes from, behind the proxies that operators name and behind no other."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def direct_peer(request: HttpRequest) -> str | None:
    """The address that the connection itself came from."""
    return request.META.get("REMOTE_ADDR") or None


def client_address(request: HttpRequest) -> str | None:
    """The address of the caller: the direct peer, or what the proxies in ``TRUSTED_PROXIES`` say stands before them.

    Of ``X-Forwarded-For`` the right-most address that is no trusted proxy counts: each proxy adds the address that it
    saw at the right, and what stands further left is the caller's own word.
    """
    peer = direct_peer(request)
    if not is_in(peer, settings.TRUSTED_PROXIES):
        return peer
    # SECURITY: read from the right, and stop at the first that is not a proxy of ours.
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    for word in reversed([word.strip() for word in forwarded.split(",") if word.strip()]):
        found = parsed(word)
        if found is None:
            return peer
        if not is_in(str(found), settings.TRUSTED_PROXIES):
            return str(found)
        peer = str(found)
    return peer


def is_in(address: str | None, networks: Iterable[str]) -> bool:
    """Is ``address`` inside of one of the CIDR ``networks``?"""
    found = parsed(address)
    return found is not None and any(found in network for network in _parsed_networks(tuple(networks)))


def parsed(address: str | None) -> Address | None:
    """The address without a port, IPv4 in its own form; None for what is none."""
    text = (address or "").strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=32)
def _parsed_networks(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in networks)
