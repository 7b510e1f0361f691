"""Lines are stored in order, in batches, soon."""

from __future__ import annotations

import time

import pytest

from portal.jobs import logs
from portal.jobs.logs import LogWriter, clean

Stored = list[tuple[int, list[str]]]


def writer(stored: Stored, **options: int) -> LogWriter:
    return LogWriter(lambda first, lines: stored.append((first, [line[3] for line in lines])), **options)


def test_it_numbers_batches_on_from_where_the_log_ended() -> None:
    stored: Stored = []
    log = writer(stored, first=8)
    log.write("a")
    log.write("b")
    log.flush()
    log.write("c")
    log.flush()
    log.flush()
    assert stored == [(8, ["a", "b"]), (10, ["c"])]


def test_it_stores_by_the_clock_while_nothing_more_is_printed() -> None:
    stored: Stored = []
    with writer(stored) as log:
        log.write("a")
        started = time.monotonic()
        while not stored:
            assert time.monotonic() - started < 1
            time.sleep(0.01)
        log.write("b")
    assert stored == [(1, ["a"]), (2, ["b"])]


def test_what_fails_while_storing_reaches_whoever_writes() -> None:
    def refuse(first: int, lines: list[list[str]]) -> None:
        raise PermissionError("taken over")

    log = LogWriter(refuse)
    log._thread.start()
    log.write("a")
    log._thread.join(2)
    with pytest.raises(PermissionError):
        log.write("b")


def test_a_large_log_is_cut_with_a_word_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_LINES", 3)
    stored: Stored = []
    log = writer(stored)
    for number in range(6):
        log.write(str(number))
    log.flush()
    assert stored == [(1, ["0", "1", "The log has 3 lines; further lines are left out."])]


def test_a_line_is_made_fit_to_be_stored() -> None:
    assert clean("a\x00b") == "ab"
    assert clean("x" * 70_000).endswith("(6000 more characters)")
