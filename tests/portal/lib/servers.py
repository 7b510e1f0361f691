"""Servers in threads for tests of outgoing requests: they answer what a test tells them, on loopback only."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A running server: its port, the requests that it saw, and what it answers by path."""

    port: int
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of a path here."""
        return f"http://{host}:{self.port}{path}"

    def says(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer ``path`` with fixed bytes; underscores in header names stand for dashes."""

        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.replies[path] = reply

    def redirects(self, path: str, to: str, status: int = 302) -> None:
        """Redirect ``path``."""
        self.says(path, b"", status, Location=to)


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that runs while the block does; with ``context`` it speaks TLS."""
    server = Server(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.seen.append((self.command, self.path, dict(self.headers)))
            reply = server.replies.get(self.path.split("?")[0])
            if reply is None:
                self.send_error(404)
            else:
                reply(self)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_args: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_args: Any) -> None:
            return

    with Quiet(("127.0.0.1", 0), Handler) as running:
        if context:
            running.socket = context.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
        server.port = running.server_address[1]
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        running.shutdown()


@contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A raw server: ``talk`` gets each connection. Gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    talk(connection)
                except OSError:
                    continue

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
