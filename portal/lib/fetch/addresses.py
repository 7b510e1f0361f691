"""From a host name to addresses that may be connected to: looked up once, judged one by one."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from portal.lib.fetch.errors import AddressNotAllowed, SourceTimeout, SourceUnavailable

Address: TypeAlias = IPv4Address | IPv6Address
Resolver: TypeAlias = Callable[[str, int, float], list[str]]

# Where clouds serve the credentials of the machine that asks, on addresses that look private or shared.
_METADATA = {ip_address("fd00:ec2::254"), ip_address("100.100.100.200"), ip_address("192.0.0.192")}
_NAT64 = IPv6Network("64:ff9b::/96")
# Addresses that carry an IPv4 address to somewhere else: local NAT64, 6to4, Teredo and the old compatible form.
_TUNNELS = [IPv6Network(net) for net in ("64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")]
_RESERVED = IPv4Network("240.0.0.0/4")
_LOOPBACK = IPv6Address("::1")


def lookup(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of ``host`` as the system knows them; raises after ``seconds``, and when there are none."""
    answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answer.put(OSError(str(error)))

    # NOTE: getaddrinfo knows no timeout, so a thread waits for it and is left behind when it takes too long.
    threading.Thread(target=ask, daemon=True, name=f"lookup {host}").start()
    try:
        result = answer.get(timeout=seconds)
    except queue.Empty:
        raise SourceTimeout(f"The name {host} was not resolved in time.", host=host) from None
    if isinstance(result, OSError):
        raise SourceUnavailable(f"The name {host} cannot be resolved: {result}", host=host)
    return result


def addresses_of(
    host: str, port: int, seconds: float, *, may_be_private: bool, resolve: Resolver = lookup
) -> list[str]:
    """The addresses that may be connected to for ``host`` (a name or an address).

    Every one of them must be allowed: a name that leads both outside and inside is refused as a whole.
    Raises AddressNotAllowed, SourceUnavailable or SourceTimeout.
    """
    literal = _parsed(host.strip("[]"))
    found = [str(literal)] if literal else resolve(host, port, seconds)
    if not found:
        raise SourceUnavailable(f"The name {host} has no address.", host=host)
    for text in found:
        address = _parsed(text)
        if address is None or not is_allowed(address, may_be_private=may_be_private):
            raise AddressNotAllowed(_refusal(host, address, may_be_private), host=host)
    return found


def _refusal(host: str, address: Address | None, may_be_private: bool) -> str:
    if may_be_private or address is None:
        return f"{host} leads to an address that is never read from, such as link-local, multicast or metadata ones."
    return (
        f"{host} leads to an address inside the network, which is not read from. "
        f"An operator can allow it by adding {host} to READING_ALLOW_PRIVATE."
    )


def _parsed(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_allowed(address: Address, *, may_be_private: bool) -> bool:
    """Whether an address may be connected to: a public one, or with ``may_be_private`` also an inner one.

    Link-local, multicast, unspecified, reserved and metadata addresses never may. An IPv6 address that stands for an
    IPv4 address is judged as that one.
    """
    inner = embedded(address)
    if isinstance(inner, IPv6Address):
        is_odd = inner != _LOOPBACK and any(inner in net for net in _TUNNELS)
        is_inside = inner.is_site_local or not inner.is_global
    else:
        is_odd, is_inside = inner in _RESERVED, not inner.is_global
    if is_odd or inner.is_link_local or inner.is_multicast or inner.is_unspecified or inner in _METADATA:
        return False
    return may_be_private or not is_inside


def embedded(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped or NAT64 address; any other address as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
