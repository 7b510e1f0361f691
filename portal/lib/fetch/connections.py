"""Connections that go where the check said: to a pinned address, under the name asked for, until a deadline."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.lib.fetch.errors import SourceTimeout

# A single wait for the other side is never longer than this, however far the deadline.
LONGEST_WAIT = 15.0


class Deadline:
    """The time by which one whole operation must be done, enforced on every socket that it opened.

    Timeouts of sockets start anew with every byte, so a host that drips would hold a worker for ever. When the time
    is up, the watched sockets are shut down, whatever waits on them wakes, and ``check`` says why.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._at = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Start watching."""
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self._timer.cancel()
        with self._lock:
            for watched in self._watched:
                watched.close()
            self._watched.clear()

    def remaining(self) -> float:
        """Seconds left; raises SourceTimeout when there are none."""
        self.check()
        return max(self._at - time.monotonic(), 0.001)

    def check(self) -> None:
        """Raise SourceTimeout when the time is up."""
        if time.monotonic() >= self._at:
            raise SourceTimeout(f"The source did not answer within {self.seconds:g} seconds.")

    def timeout(self) -> Timeout:
        """Timeouts of single waits that fit into what is left."""
        wait = min(self.remaining(), LONGEST_WAIT)
        return Timeout(connect=wait, read=wait)

    def watch(self, opened: socket.socket) -> None:
        """Shut this socket down when the time is up."""
        # NOTE: a duplicate, since TLS takes the socket object over and leaves it without its descriptor.
        with self._lock:
            self._watched.append(opened.dup())

    def _shut_down(self) -> None:
        with self._lock:
            for watched in self._watched:
                try:
                    watched.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it is closed already


class _Watched:
    """A connection that tells its deadline about its socket."""

    def __init__(self, *args: Any, deadline: Deadline, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._deadline.watch(opened)
        return opened


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _TlsConnection(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def pinned_pool(
    scheme: str, host: str, address: str, port: int, *, deadline: Deadline, tls: ssl.SSLContext | None
) -> HTTPConnectionPool:
    """Connections to ``address`` that speak to ``host``: with TLS its name is sent, and its certificate must fit it."""
    if scheme == "http":
        return _PlainPool(address, port, deadline=deadline)
    # SECURITY: without these two names the certificate would be checked against the address.
    return _TlsPool(
        address, port, deadline=deadline, server_hostname=host, assert_hostname=host, ssl_context=tls or _default_tls()
    )


@lru_cache(maxsize=1)
def _default_tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
