"""Server-sent events for whoever watches a job: one listening connection per web process wakes all its streams.

A stream reads what is new since a cursor, sends it, and sleeps until PostgreSQL says that there is more under its
topic, or for a few seconds, so that a lost notice only costs time. Cursors are the ids of events, so a browser that
was cut off goes on where it was (``Last-Event-ID``).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import close_old_connections, connection
from django.http import HttpRequest, StreamingHttpResponse

from portal.lib.errors import PortalError

CHANNEL = "callboard"
POLL_SECONDS = 2.0
KEEP_ALIVE_SECONDS = 15.0
RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)
# Streams share a few threads, and so a few database connections, however many people watch.
_readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="stream")


def notify(topic: str) -> None:
    """Tell listening web processes, once the transaction commits, that there is something new under ``topic``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, topic])


@dataclass(frozen=True, slots=True)
class Message:
    """One event as browsers get it. ``id`` is the cursor after it; empty keeps the one before."""

    event: str
    data: str
    id: str = ""

    def encode(self) -> bytes:
        """The event on the wire; every line of the data is a line of its own."""
        head = [f"event: {self.event}"] + ([f"id: {self.id}"] if self.id else [])
        body = [f"data: {line}" for line in self.data.splitlines() or [""]]
        return ("\n".join([*head, *body]) + "\n\n").encode()


@dataclass(frozen=True, slots=True)
class News:
    """What a reader found after a cursor. With ``is_last`` the stream ends behind it."""

    messages: list[Message] = field(default_factory=list)
    cursor: str = ""
    is_last: bool = False


Reader = Callable[[str], News]
END = Message("end", "")


class Hub:
    """Wakes the streams of one event loop. The connection lives while somebody watches."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._listening: asyncio.Task[None] | None = None

    def watch(self, topic: str) -> asyncio.Event:
        """An event that is set whenever there is something new under ``topic``."""
        event = asyncio.Event()
        self._watchers.setdefault(topic, set()).add(event)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        return event

    def leave(self, topic: str, event: asyncio.Event) -> None:
        """Stop watching; the last one who leaves closes the connection."""
        watchers = self._watchers.get(topic, set())
        watchers.discard(event)
        if not watchers:
            self._watchers.pop(topic, None)
        if not self._watchers and self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as listening:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    self._wake_all()
                    async for notice in listening.notifies():
                        for event in self._watchers.get(notice.payload, ()):
                            event.set()
            except psycopg.OperationalError as error:
                # Streams poll meanwhile.
                _log.warning("listening for notices failed", extra={"error": str(error)})
                await asyncio.sleep(RETRY_SECONDS)

    def _wake_all(self) -> None:
        """Whatever happened before we listened is found by reading."""
        for events in self._watchers.values():
            for event in events:
                event.set()


def _parameters() -> dict[str, Any]:
    ours = connection.get_connection_params()
    return {
        name: value for name, value in ours.items() if name not in {"cursor_factory", "context", "prepare_threshold"}
    }


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def event_stream(request: HttpRequest, topic: str, read: Reader, cursor: str = "") -> StreamingHttpResponse:
    """An answer that follows ``read`` until it says that nothing more will come.

    ``read(cursor)`` runs in a thread and must check rights itself each time, so that a right that is taken away ends
    the stream: a ``PortalError`` of it ends the stream with an ``error`` event. A ``Last-Event-ID`` of the browser wins
    over ``cursor``.
    """
    start = request.headers.get("Last-Event-ID", "") or cursor
    response = StreamingHttpResponse(follow(topic, read, start), content_type="text/event-stream")
    # Proxies must neither keep nor collect it.
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def follow(topic: str, read: Reader, cursor: str) -> AsyncIterator[bytes]:
    """The bytes of a stream. The browser is told to come back soon after a cut."""
    ours = hub()
    event = ours.watch(topic)
    quiet_since = time.monotonic()
    try:
        yield b"retry: 1000\n\n"
        while True:
            event.clear()
            news = await asyncio.get_running_loop().run_in_executor(_readers, _read, read, cursor)
            if news.messages:
                quiet_since = time.monotonic()
                yield b"".join(message.encode() for message in news.messages)
            if news.is_last:
                return
            cursor = news.cursor or cursor
            if time.monotonic() - quiet_since > KEEP_ALIVE_SECONDS:
                quiet_since = time.monotonic()
                yield b": still here\n\n"
            await _sleep(event)
    finally:
        ours.leave(topic, event)


async def _sleep(event: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await event.wait()
    except TimeoutError:
        return


def _read(read: Reader, cursor: str) -> News:
    close_old_connections()
    try:
        return read(cursor)
    except PortalError as error:
        return News([Message("error", error.detail)], is_last=True)
