"""Streams: what was missed, what comes, when it ends, and that rights are asked every time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from portal.accounts.subjects import Subject, person, refreshed
from portal.jobs import streams
from portal.jobs.streams import END, Message, News, event_stream, follow, notify
from portal.lib.errors import NotFound
from tests.factories.portal import make_user


def test_a_message_keeps_its_lines() -> None:
    assert Message("line", "a\nb", "7").encode() == b"event: line\nid: 7\ndata: a\ndata: b\n\n"
    assert END.encode() == b"event: end\ndata: \n\n"


class Source:
    """Something that is read behind a number."""

    def __init__(self, *words: str, is_over: bool = False) -> None:
        self.words, self.is_over, self.cursors = list(words), is_over, list[str]()

    def read(self, cursor: str) -> News:
        self.cursors.append(cursor)
        start = int(cursor or 0)
        messages = [Message("line", word, str(number)) for number, word in enumerate(self.words, 1) if number > start]
        return News([*messages, END] if self.is_over else messages, str(len(self.words)), self.is_over)


async def everything(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in stream])


def tell(*topics: str) -> None:
    """Notify from a thread of its own, which leaves no connection behind."""
    for topic in topics:
        notify(topic)
    connection.close()


def run(coroutine: Any) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, 10))


@pytest.mark.usefixtures("transactional_db", "socket_enabled")
class TestFollow:
    """With the real listening connection."""

    def test_it_sends_what_is_there_and_ends(self) -> None:
        answer = run(everything(follow("t", Source("a", "b", is_over=True).read, "")))
        assert answer.count(b"event: line") == 2
        assert answer.endswith(END.encode())

    def test_it_goes_on_behind_the_last_event_that_the_browser_has(self, rf: RequestFactory) -> None:
        source = Source("a", "b", is_over=True)
        request = rf.get("/", headers={"Last-Event-ID": "1"})
        response = event_stream(request, "t", source.read, "0")
        assert response["X-Accel-Buffering"] == "no"
        answer = run(everything(response.streaming_content))  # type: ignore[arg-type]
        assert (b"data: a" in answer, b"data: b" in answer) == (False, True)

    def test_a_notice_wakes_it_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "POLL_SECONDS", 60)
        source = Source()

        async def watch() -> float:
            stream = follow("topic", source.read, "")
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            while len(source.cursors) < 2:
                # The second reading follows the start of the listening connection.
                await asyncio.sleep(0.01)
            source.words.append("late")
            started = time.monotonic()
            await asyncio.to_thread(tell, "other", "topic")
            assert b"late" in await waiting
            await stream.aclose()  # type: ignore[attr-defined]
            return time.monotonic() - started

        assert run(watch()) < 1

    def test_it_polls_where_no_notice_comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "POLL_SECONDS", 0.05)
        source = Source()

        async def watch() -> bytes:
            stream = follow("topic", source.read, "")
            await anext(stream)
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.1)
            source.words.append("late")
            found: bytes = await waiting
            await stream.aclose()  # type: ignore[attr-defined]
            return found

        assert b"late" in run(watch())

    def test_a_right_that_is_gone_ends_it(self) -> None:
        def read(cursor: str) -> News:
            raise NotFound("There is no such run.")

        assert b"event: error\ndata: There is no such run." in run(everything(follow("t", read, "")))


@pytest.mark.django_db
def test_a_suspended_person_is_nobody_in_the_next_reading() -> None:
    user = make_user()
    subject = person(user)
    assert refreshed(subject).user == user
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert refreshed(subject).is_anonymous
    assert refreshed(Subject(is_system=True)).is_system
