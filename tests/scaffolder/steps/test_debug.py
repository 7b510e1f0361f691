"""Actions for authors of blueprints."""

from __future__ import annotations

import threading
import time

import pytest

from portal.lib.errors import Invalid
from scaffolder.steps.base import Cancelled
from scaffolder.steps.debug import Log, Wait
from tests.scaffolder.steps.stage import Stage


def test_it_logs_input_message_and_files(stage: Stage) -> None:
    stage.write("workspace/b/c.txt")
    stage.write("workspace/a.txt")
    stage.run(Log(), message="Grüße", listWorkspace=True)
    assert stage.lines == [
        '{\n  "message": "Grüße",\n  "listWorkspace": true\n}',
        "Grüße",
        "Workspace:\n  - a.txt\n  - b/c.txt",
    ]


def test_it_logs_an_empty_input(stage: Stage) -> None:
    stage.run(Log())
    assert stage.lines == ["{}"]


def test_it_shows_contents_of_texts_only(stage: Stage) -> None:
    stage.write("workspace/a.txt", "one\ntwo")
    stage.write("workspace/b.bin", b"\0\1\2")
    stage.write("workspace/c.txt", "x" * 70_000)
    (stage.workspace / "d").symlink_to("/etc/passwd")
    stage.run(Log(), listWorkspace="with-contents")
    shown = stage.lines[-1]
    assert " - a.txt:\n\n  one\ntwo" in shown
    assert "(binary)" in shown
    assert "(70000 bytes)" in shown
    assert "(a link to /etc/passwd)" in shown
    assert "root:" not in shown


def test_it_waits(stage: Stage) -> None:
    began = time.monotonic()
    stage.run(Wait(), milliseconds=15)
    assert time.monotonic() - began >= 0.015


@pytest.mark.parametrize("given", [{"minutes": 11}, {"seconds": -1}, {"minutes": 10, "milliseconds": 1}])
def test_it_refuses_odd_times(stage: Stage, given: dict[str, float]) -> None:
    with pytest.raises(Invalid, match="600"):
        stage.run(Wait(), **given)


def test_it_stops_waiting_when_cancelled(stage: Stage) -> None:
    threading.Timer(0.02, lambda: setattr(stage, "is_cancelled", True)).start()
    with pytest.raises(Cancelled):
        stage.run(Wait(), minutes=5)
