"""Messages in a folder, with several processes that write and read at once."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from portal.lib.file_broker import Channel, Transport


def options(folder: Path) -> dict[str, str]:
    for name in ("queue", "control", "processed"):
        (folder / name).mkdir(exist_ok=True)
    queue = str(folder / "queue")
    return {
        "data_folder_in": queue, "data_folder_out": queue, "control_folder": str(folder / "control"),
        "processed_folder": str(folder / "processed"),
    }  # fmt: skip


def channel(folder: Path) -> Channel:
    found: Channel = Connection(transport=Transport, transport_options=options(folder)).channel()
    return found


def send(folder: Path, first: int) -> None:
    mine = channel(folder)
    mine._queue_bind(f"shared-{first % 3}", str(first), None, "letters")
    for number in range(first, first + 300):
        mine._put("letters", {"number": number})


def receive(folder: Path, found: Any) -> None:
    mine, numbers, idle = channel(folder), [], 0
    while idle < 200:
        try:
            numbers.append(mine._get("letters")["number"])
            idle = 0
        except Empty:
            idle += 1
            multiprocessing.Event().wait(0.005)
    found.put(numbers)


def test_it_loses_and_doubles_nothing_while_many_write_and_read(tmp_path: Path) -> None:
    options(tmp_path)
    context = multiprocessing.get_context("fork")
    found = context.Queue()
    writers = [context.Process(target=send, args=(tmp_path, first)) for first in (0, 300, 600)]
    readers = [context.Process(target=receive, args=(tmp_path, found)) for _ in range(2)]
    for process in [*readers, *writers]:
        process.start()
    numbers = [number for _ in readers for number in found.get(timeout=30)]
    for process in [*readers, *writers]:
        process.join(10)
        assert process.exitcode == 0
    assert sorted(numbers) == list(range(900))
    assert not list((tmp_path / "queue").iterdir())


def test_it_keeps_a_table_of_whoever_binds(tmp_path: Path) -> None:
    mine = channel(tmp_path)
    for queue in ("a", "b", "a"):
        mine._queue_bind("all", "key", None, queue)
    assert [row.queue for row in mine.get_table("all")] == ["b", "a"]
    mine._delete("a", "all", "key", "")
    assert json.loads((tmp_path / "control" / "all.exchange").read_text()) == [["key", "", "b"]]
    mine._delete("c", "unknown", "key", "")
    assert not (tmp_path / "control" / "unknown.exchange").exists()


def test_it_says_where_it_could_not_write(tmp_path: Path) -> None:
    mine = channel(tmp_path)
    (tmp_path / "queue").rmdir()
    with pytest.raises(ChannelError, match="queue"):
        mine._put("letters", {})
