"""The demo's catalog: a small company, so that nobody's first look is at an empty page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from catalog.ingestion.models import Location
from catalog.ingestion.services import forget_marks, read_now, register_location
from portal.accounts.subjects import Subject
from portal.spaces.models import Space

FOLDER = Path(__file__).resolve().parents[1] / "demo"
# Each file is a part of the company that may live in a space of its own.
FILES = ("company", "box-office", "stagecraft", "front-of-house", "rigging")


def load(*, subject: Subject, space: Space, spaces: Mapping[str, Space] | None = None) -> list[Location]:
    """Register and read the demo's files: each in the space that ``spaces`` names for it, else in ``space``.

    Safe to repeat: files that are registered already are read again where they are.
    """
    return [load_file(subject, FOLDER / f"{name}.yaml", (spaces or {}).get(name, space)) for name in FILES]


def load_file(subject: Subject, path: Path, space: Space) -> Location:
    """Register one catalog file of this machine and read it; one that is registered already is read again."""
    location = Location.objects.filter(type="file", target=str(path)).first()
    if location is None:
        location = register_location(subject=subject, type="file", target=str(path), space=space, publish=False)
    else:
        forget_marks(location)
    read_now(location.pk)
    location.refresh_from_db()
    return location
