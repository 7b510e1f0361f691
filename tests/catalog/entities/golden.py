"""What Backstage answered about public files, for the tests that compare with it; all of it lies beside the project."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from catalog.entities.refs import LocationRef
from portal.lib.errors import NotFound
from tests.conftest import BESIDE

# Where the files were said to lie when Backstage was asked.
BASE = "https://oracle.invalid/blob/main/"


def golden_files() -> list[Path]:
    """One file of answers a repository; none where there is nothing beside the project."""
    folder = BESIDE / "oracle" / "catalog"
    return sorted([*folder.glob("*.json"), *folder.glob("templates/*.json")])


@cache
def golden(path: Path) -> dict[str, Any]:
    """The answers about one repository."""
    answers: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return answers


def location_of(file: str) -> LocationRef:
    """The location of a file of the repository."""
    return LocationRef("url", BASE + quote(file))


def reader_in(root: Path) -> Callable[[LocationRef], bytes]:
    """A reader of the files in one repository, and of nothing else."""

    def read(location: LocationRef) -> bytes:
        path = (root / unquote(location.target.removeprefix(BASE))).resolve()
        if not location.target.startswith(BASE) or not path.is_relative_to(root.resolve()) or not path.is_file():
            raise NotFound("there is no such file.")
        return path.read_bytes()

    return read
