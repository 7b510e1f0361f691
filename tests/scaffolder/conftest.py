"""What tests of blueprints and tasks share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffolder.blueprints.reading import Blueprint
from scaffolder.tasks import publishing
from tests.conftest import Cast
from tests.factories.tasks import make_blueprint


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that were sent to workers, instead of a broker."""
    found: list[int] = []
    monkeypatch.setattr(publishing, "send", found.append)
    return found


@pytest.fixture
def workspaces(settings: Any, tmp_path: Path) -> Path:
    """Workspaces and repositories of this test alone."""
    settings.WORKSPACES_DIR = tmp_path / "workspaces"
    settings.GIT_ROOTS = [tmp_path / "git"]
    (tmp_path / "git").mkdir()
    return tmp_path / "workspaces"


@pytest.fixture
def blueprint(cast: Cast, tmp_path: Path, sent: list[int], workspaces: Path) -> Callable[..., Blueprint]:
    """Makes blueprints in the space of the cast."""

    def make(**spec: Any) -> Blueprint:
        return make_blueprint(tmp_path / "templates", cast.space, **spec)

    return make
