"""The data folder and its keys."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from portal.launcher.database import ensure_database
from portal.launcher.environment import CannotStart, data_dir, load
from portal.launcher.parts import Part, stop_all


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "DATA_DIR", "DATABASE_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_it_makes_keys_once_that_nobody_else_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path)
    key = os.environ["SECRET_KEY"]
    monkeypatch.delenv("SECRET_KEY")
    load(tmp_path)
    assert os.environ["SECRET_KEY"] == key
    assert stat.S_IMODE((tmp_path / "environment").stat().st_mode) == 0o600


def test_it_lets_the_environment_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    load(tmp_path)
    assert os.environ["SECRET_KEY"] == "given"


def test_it_says_which_folder_can_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(CannotStart, match="can not be written"):
        data_dir()


def test_it_says_that_a_database_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(CannotStart, match="does not answer"):
        ensure_database(tmp_path)


def test_it_starts_a_part_again_that_ended_and_says_so() -> None:
    said: list[str] = []
    part = Part("short", [sys.executable, "-c", "import sys; sys.exit(3)"])
    part.start()
    assert part.process is not None
    part.process.wait()
    part.look(said.append)
    assert said == ["short ended (exit code 3); starting it again in 0.5 s"]
    part.next_start = 0
    part.look(said.append)
    assert part.process is not None
    stop_all([part])


def test_it_stops_what_a_part_has_started_too(tmp_path: Path) -> None:
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    out = tmp_path / "pid"
    part = Part("parent", ["sh", "-c", f'{sys.executable} -c "{script}" > {out}'])
    part.start()
    while not out.exists() or not out.read_text().strip():
        time.sleep(0.02)
    stop_all([part])
    child = Path("/proc") / out.read_text().strip()
    deadline = time.monotonic() + 5
    while child.exists() and "sleep" in (child / "cmdline").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not child.exists() or "sleep" not in (child / "cmdline").read_text()
