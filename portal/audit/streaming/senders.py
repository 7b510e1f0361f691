"""One batch of events to one destination. A sender returns when the other side has taken it, and raises otherwise."""

from __future__ import annotations

import hmac
import json
import logging
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings

from portal.audit.exports import row_of
from portal.audit.models import AuditEvent, Destination
from portal.lib.errors import Invalid, PortalError, Unavailable
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.fetch.addresses import addresses_of, lookup
from portal.lib.fetch.outgoing import checked_url

SIGNATURE = "X-Callboard-Signature"
SECONDS = 10.0
# Facility 13 is “log audit”, severity 5 “notice”: 13 * 8 + 5 (RFC 5424, 6.2.1).
_PRIORITY = 109
SYSLOG_SCHEMES = ("udp", "tcp", "tls")
# What every receiver of syslog over UDP should take whole (RFC 5426, 3.2).
_DATAGRAM = 2048

Sender = Callable[[Destination, Sequence[AuditEvent]], None]


def allowed() -> AllowList:
    """Where the trail may be sent: AUDIT_ALLOW and AUDIT_ALLOW_PRIVATE."""
    return AllowList(settings.AUDIT_ALLOW, settings.AUDIT_ALLOW_PRIVATE)


def signature(secret: str, at: int, body: bytes) -> str:
    """The header of a webhook: the time in seconds, and the HMAC-SHA-256 of “time.body” in hexadecimal digits."""
    return f"t={at},v1={hmac.digest(secret.encode(), f'{at}.'.encode() + body, 'sha256').hex()}"


def send_webhook(destination: Destination, events: Sequence[AuditEvent]) -> None:
    """POST ``{"events": […]}``; any 2xx means taken."""
    body = json.dumps({"events": [row_of(event) for event in events]}, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json", SIGNATURE: signature(destination.secret, int(time.time()), body),
    }  # fmt: skip
    fetcher = Fetcher(allowed(), max_bytes=64 * 1024, deadline=SECONDS)
    answer = fetcher.request("POST", destination.address, headers, body)
    if not 200 <= answer.status < 300:
        raise Unavailable(f"{urlsplit(destination.address).hostname} answered {answer.status}.")


def syslog_line(event: AuditEvent) -> str:
    """One event as RFC 5424 has it, its facts as JSON in the message."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    host = (urlsplit(settings.BASE_URL).hostname or "-")[:255]
    word = "".join(letter for letter in event.action if "!" <= letter <= "~")[:32] or "-"
    return f"<{_PRIORITY}>1 {at} {host} callboard - {word} - {json.dumps(row_of(event), ensure_ascii=True)}"


def syslog_address(text: str) -> tuple[str, str, int]:
    """Scheme, host and port of ``udp://``, ``tcp://`` or ``tls://host:port``. Raises ``Invalid``."""
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in SYSLOG_SCHEMES or not parts.hostname or not port or parts.path.strip("/"):
        message = "Write the address as udp://host:514, tcp://host:601 or tls://host:6514."
        raise Invalid(message, errors=[{"field": "address", "message": message}])
    return parts.scheme, parts.hostname, port


def send_syslog(destination: Destination, events: Sequence[AuditEvent]) -> None:
    """Datagrams (RFC 5426), or lines with their length in front over TCP (RFC 6587) or TLS (RFC 5425)."""
    scheme, host, port = syslog_address(destination.address)
    # SECURITY: the allow-list knows web addresses; the name and port count, and are resolved and checked once.
    url = checked_url(f"https://{f'[{host}]' if ':' in host else host}:{port}/")
    allow = allowed()
    allow.check(url)
    address = addresses_of(host, port, SECONDS, may_be_private=allow.may_be_private(url), resolve=lookup)[0]
    try:
        if scheme == "udp":
            _datagrams(address, port, events)
            return
        with _stream(scheme, host, address, port) as stream:
            for event in events:
                line = syslog_line(event).encode()
                stream.sendall(f"{len(line)} ".encode() + line)
    except OSError as error:
        raise Unavailable(f"{host}:{port} does not take syslog: {error.strerror or error}") from error


def _datagrams(address: str, port: int, events: Sequence[AuditEvent]) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for event in events:
            sender.sendto(_shortened(event), (address, port))


def _shortened(event: AuditEvent) -> bytes:
    """The line as one datagram; arguments that do not fit go, since the event's number finds them here."""
    line = syslog_line(event).encode()
    if len(line) > _DATAGRAM:
        event.arguments = {"truncated": True}
        line = syslog_line(event).encode()
    return line[:65_000]


@contextmanager
def _stream(scheme: str, host: str, address: str, port: int) -> Iterator[socket.socket]:
    with socket.create_connection((address, port), timeout=SECONDS) as plain:
        if scheme == "tcp":
            yield plain
            return
        with ssl.create_default_context(cafile=settings.AUDIT_TLS_CA or None).wrap_socket(
            plain, server_hostname=host
        ) as wrapped:
            yield wrapped


def send_stdout(destination: Destination, events: Sequence[AuditEvent]) -> None:
    """A JSON line each on the standard output of the worker that keeps."""
    for event in events:
        sys.__stdout__.write(json.dumps({"audit": row_of(event)}, ensure_ascii=False) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


SENDERS: dict[str, Sender] = {
    Destination.Kind.WEBHOOK: send_webhook,
    Destination.Kind.SYSLOG: send_syslog,
    Destination.Kind.STDOUT: send_stdout,
}


def send(destination: Destination, events: Sequence[AuditEvent]) -> str:
    """Send a batch. Returns what went wrong, in words; empty when it was taken."""
    try:
        SENDERS[destination.kind](destination, events)
    except PortalError as error:
        return error.detail[:500]
    except Exception:
        logging.getLogger("portal.audit").exception("a destination of the audit trail broke")
        return "It broke here; the portal's log has the details."
    return ""
