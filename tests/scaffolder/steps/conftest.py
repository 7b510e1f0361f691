"""Fixtures for the tests of steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scaffolder.steps.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Fresh folders."""
    return Stage(tmp_path.resolve())
