"""Answers made of stored text: nothing is parsed and printed again unless somebody asks for parts of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from catalog.entities.fields import Projection

JSON = "application/json; charset=utf-8"
_PIECE = 200


def shown(served: Iterable[str], projection: Projection | None) -> Iterable[str]:
    """The stored texts, or the asked parts of them."""
    if projection is None:
        return served
    return (as_json(projection(json.loads(text))) for text in served)


def as_json(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_answer(text: str, status: int = 200) -> HttpResponse:
    """An answer of ready JSON."""
    return HttpResponse(text, status=status, content_type=JSON)


def list_answer(served: Iterable[str]) -> HttpResponse:
    """A JSON array of ready texts."""
    return json_answer("[" + ",".join(served) + "]")


def streamed_list(request: HttpRequest, served: Iterator[str]) -> StreamingHttpResponse:
    """A JSON array of any length in flat memory, whatever kind of server sends it."""
    pieces = _pieces(served)
    body = _awaited(pieces) if isinstance(request, ASGIRequest) else pieces
    return StreamingHttpResponse(body, content_type=JSON)


async def _awaited(pieces: Iterator[str]) -> AsyncIterator[str]:
    """The pieces as an asynchronous server wants them: each is read in the request's own thread, where its rows are."""
    read = sync_to_async(lambda: next(pieces, None))
    while (piece := await read()) is not None:
        yield piece


def _pieces(served: Iterator[str]) -> Iterator[str]:
    first = next(served, None)
    if first is None:
        yield "[]"
        return
    yield "[" + first
    while piece := list(islice(served, _PIECE)):
        yield "," + ",".join(piece)
    yield "]"
