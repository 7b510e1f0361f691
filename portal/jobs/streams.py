"""Live views of work: PostgreSQL tells web processes that there is something new, they send it on as server-sent events.

A notice carries a topic only, never content: what is sent is read from the rows, by the rights of whoever watches.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import StreamingHttpResponse

CHANNEL = "callboard"
# Notices may be lost with their connection; rows never are, so watchers also look by themselves. Seconds.
LOOK_SECONDS = 2.0
KEEP_ALIVE_SECONDS = 15.0
LONGEST_SECONDS = 3600.0

logger = logging.getLogger(__name__)


def notify(topic: str) -> None:
    """Tell watchers, once the transaction commits, that there is something new under ``topic``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, topic])


@dataclass(frozen=True)
class Event:
    """One server-sent event. ``id`` is what a client sends back as ``Last-Event-ID`` to go on from there."""

    data: str
    id: int | None = None
    name: str = ""

    def encode(self) -> bytes:
        """The event as the text/event-stream format has it."""
        lines = [f"id: {self.id}"] if self.id is not None else []
        lines += [f"event: {self.name}"] if self.name else []
        lines += [f"data: {line}" for line in self.data.splitlines() or [""]]
        return ("\n".join(lines) + "\n\n").encode()


@dataclass(frozen=True)
class Look:
    """What one look at the rows found: events, where to go on, and whether nothing more will come."""

    events: list[Event]
    after: int
    is_over: bool = False


@dataclass
class _Hub:
    """One listening connection of a process and everybody who waits on it."""

    waiting: dict[str, set[asyncio.Event]] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    def ensure(self) -> None:
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._listen())

    async def _listen(self) -> None:
        while self.waiting:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError) as error:
                logger.warning("listening to the database failed: %s", error)
                await asyncio.sleep(LOOK_SECONDS)

    async def _listen_once(self) -> None:
        parameters = await sync_to_async(_connection_parameters)()
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            while self.waiting:
                async for notice in listener.notifies(timeout=LOOK_SECONDS):
                    for event in self.waiting.get(notice.payload, ()):
                        event.set()


def _connection_parameters() -> dict[str, Any]:
    parameters = dict(connection.get_connection_params())
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    return parameters


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, _Hub] = WeakKeyDictionary()


@contextlib.contextmanager
def _waiter(topic: str) -> Any:
    hub = _hubs.setdefault(asyncio.get_running_loop(), _Hub())
    event = asyncio.Event()
    hub.waiting.setdefault(topic, set()).add(event)
    hub.ensure()
    try:
        yield event
    finally:
        hub.waiting[topic].discard(event)
        if not hub.waiting[topic]:
            del hub.waiting[topic]


async def watch(topic: str, after: int, look: Callable[[int], Look]) -> AsyncIterator[bytes]:
    """Encoded events under ``topic`` from ``after`` on, until ``look`` says that it is over.

    ``look`` runs in a thread, reads the rows behind ``after`` and checks the right to them each time; an exception
    that it raises ends the stream.
    """
    reader = sync_to_async(_with_fresh_connection(look), thread_sensitive=False)
    started = sent = time.monotonic()
    with _waiter(topic) as event:
        while time.monotonic() - started < LONGEST_SECONDS:
            event.clear()
            found = await reader(after)
            after = found.after
            for one in found.events:
                yield one.encode()
            if found.is_over:
                return
            now = time.monotonic()
            if found.events:
                sent = now
            elif now - sent > KEEP_ALIVE_SECONDS:
                sent = now
                yield b": still here\n\n"
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), LOOK_SECONDS)


def _with_fresh_connection(look: Callable[[int], Look]) -> Callable[[int], Look]:
    def fresh(after: int) -> Look:
        close_old_connections()
        try:
            return look(after)
        finally:
            close_old_connections()

    return fresh


def stream(topic: str, after: int, look: Callable[[int], Look]) -> StreamingHttpResponse:
    """The answer that streams ``watch``; proxies are asked not to hold it back."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(watch(topic, after, look), content_type="text/event-stream", headers=headers)


def last_event_id(request: Any) -> int:
    """Where a client that was cut off wants to go on: ``Last-Event-ID``, else ``?after=``, else the beginning."""
    raw = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(raw) if raw.isdigit() else 0
