"""Connections to LDAP servers (RFC 4511): over TLS that is verified, bound, and closed again."""

from __future__ import annotations

import logging
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

with warnings.catch_warnings():
    # ldap3 asks pyasn1 for names that pyasn1 has renamed; nobody here can act on that.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ldap3  # type: ignore[import-untyped]
    from ldap3.core.exceptions import LDAPException  # type: ignore[import-untyped]

log = logging.getLogger("portal.accounts.ldap")
INVALID_CREDENTIALS = 49


class VerifiedTls(ldap3.Tls):  # type: ignore[misc]
    """TLS whose certificate and host name OpenSSL checks, before anything is sent."""

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Put TLS over the connection's socket. Raises ``OSError`` where the certificate is not the server's."""
        context = ssl.create_default_context(cafile=self.ca_certs_file, cadata=self.ca_certs_data)
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=self.sni or connection.server.host, do_handshake_on_connect=do_handshake
        )


@dataclass(frozen=True)
class DirectoryServer:
    """One server. ``ca_data`` is the certificate of its authority as PEM text, ``ca_file`` the same in a file.

    ``addresses`` are what its name was found to be, so that it is not looked up again.
    """

    url: str
    is_starttls: bool = True
    ca_file: str = ""
    ca_data: str = field(default="", repr=False)
    addresses: tuple[str, ...] = ()
    timeout: int = 5

    @property
    def is_tls(self) -> bool:
        """TLS from the first byte on."""
        return urlsplit(self.url).scheme == "ldaps"


@contextmanager
def connected(server: DirectoryServer, dn: str, password: str) -> Iterator[ldap3.Connection | None]:
    """A connection that is bound as ``dn`` (anonymous where that is empty), or None where the password is wrong.

    Raises ``LDAPException`` or ``OSError`` where the server does not answer, or not with the TLS that it should.
    """
    connection = ldap3.Connection(
        _server(server), user=dn or None, password=password or None, auto_bind=ldap3.AUTO_BIND_NONE,
        auto_referrals=False, read_only=True, receive_timeout=server.timeout,
        authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
    )  # fmt: skip
    try:
        connection.open(read_server_info=False)
        if not server.is_tls and server.is_starttls and not connection.start_tls(False):
            raise LDAPException("the server refuses StartTLS")
        if connection.bind(read_server_info=False):
            yield connection
        elif connection.result["result"] == INVALID_CREDENTIALS:
            yield None
        else:
            # Locked, expired, not allowed here: no way in, and operators can read why.
            log.warning("directory refused a bind", extra={"result": connection.result["description"]})
            yield None
    finally:
        with suppress(LDAPException):
            connection.unbind()
        if connection.socket is not None:
            connection.socket.close()


def _server(server: DirectoryServer) -> ldap3.Server:
    parts = urlsplit(server.url)
    tls = VerifiedTls(
        validate=ssl.CERT_REQUIRED, ca_certs_file=server.ca_file or None, ca_certs_data=server.ca_data or None,
        sni=parts.hostname,
    )  # fmt: skip
    return ldap3.Server(
        server.addresses[0] if server.addresses else parts.hostname, port=parts.port or (636 if server.is_tls else 389),
        use_ssl=server.is_tls, tls=tls, get_info=ldap3.NONE, connect_timeout=server.timeout,
    )  # fmt: skip


def texts(row: dict[str, Any], name: str) -> list[str]:
    """The values of an attribute of an entry; binary ones, such as Active Directory's objectGUID, as hex digits."""
    values: list[bytes] = next(
        (value for key, value in row["raw_attributes"].items() if key.lower() == name.lower()), []
    )
    return [value.decode() if _is_text(value) else value.hex() for value in values]


def first_text(row: dict[str, Any], name: str) -> str:
    """The first value of an attribute; empty where there is none."""
    return next(iter(texts(row, name)), "")


def _is_text(value: bytes) -> bool:
    try:
        return value.decode().isprintable()
    except UnicodeDecodeError:
        return False
