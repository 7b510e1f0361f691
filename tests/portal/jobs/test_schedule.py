"""What happens by the clock has workers, and what frees the work of dead ones does not wait behind the living."""

from __future__ import annotations

import pytest

from portal.launcher.parts import portal_parts
from portal.schedule import schedule


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The queues that the portal's own workers serve."""
    monkeypatch.setenv("DATA_DIR", "/nowhere")
    parts = portal_parts("127.0.0.1", 8000, web_workers=1)
    return {queue for part in parts if "-Q" in part.argv for queue in part.argv[part.argv.index("-Q") + 1].split(",")}


def test_every_entry_has_a_worker_and_expires(served: set[str]) -> None:
    for entry in schedule().values():
        assert entry["options"]["queue"] in served
        assert entry["options"]["expires"] <= entry["schedule"]


def test_reapers_do_not_share_a_queue_with_what_they_reap() -> None:
    reapers = {entry["task"]: entry["options"]["queue"] for entry in schedule().values() if "reap" in entry["task"]}
    assert set(reapers) == {"scaffolder.runs.reap", "scaffolder.tasks.reap"}
    assert not set(reapers.values()) & {"default", "runs"}
