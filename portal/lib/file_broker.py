"""Kombu's filesystem transport with writes that are whole or not there.

The library's own opens a message's file under its final name and writes it afterwards, so a fast reader finds an
empty message, loses it and ends with an error; the tables of exchanges have the same gap. Here a file gets its name
by a rename, once it is complete, and changes of a table wait for each other.
"""

from __future__ import annotations

import fcntl
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

Binding = list[str]


class Channel(filesystem.Channel):
    """Messages in a folder, one file each."""

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]  # the stubs disagree
        # Sorting by name is the order of reading.
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out) / name, dumps(payload))

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        wanted = [routing_key or "", pattern or "", queue or ""]
        self._change(exchange, lambda table: table if wanted in table else [wanted, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any) -> None:
        # What the library's parents do first: forget the messages.
        self._purge(queue)
        if self._table_file(exchange).exists():
            gone = [routing_key or "", pattern or "", queue or ""]
            self._change(exchange, lambda table: [row for row in table if row != gone])

    def _table_file(self, exchange: str) -> Path:
        # The library's own, which refuses names that lead out of the folder.
        return Path(super()._exchange_file(exchange))  # type: ignore[misc]  # newer than the stubs

    def _change(self, exchange: str, change: Callable[[list[Binding]], list[Binding]]) -> None:
        file = self._table_file(exchange)
        with _alone(self.control_folder):
            before = [list(row) for row in loads(file.read_text())] if file.exists() else []
            after = change(before)
            if after != before or not file.exists():
                _write(file, dumps(after))


class Transport(filesystem.Transport):
    """What ``filesystem://`` means here."""

    Channel = Channel


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the end of a process gives back as well."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, text: str) -> None:
    """Let the file appear with all of its text, or not at all."""
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        unfinished.write_text(text)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise ChannelError(f"Cannot write {path}: {error.strerror}. Is the disk full, or the folder gone?") from error
