"""Locations that another app of the catalog keeps: a hook by which that app is asked, without being imported here.

What a provider gives belongs to a location of the type ``PROVIDED``, which only its provider reads; files that a
provider found are locations like all others, which are opened with its credentials and go when it says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from catalog.ingestion.models import Location
from portal.lib.fetch import SourceUrl

PROVIDED = "provider"


class RepositoryReader(Protocol):
    """Reads the files of one repository with somebody's credentials."""

    @property
    def token(self) -> str:
        """What Git is asked with."""

    @property
    def wait_until(self) -> datetime | None:
        """Until when the host does not want to be asked."""

    def covers(self, source: SourceUrl) -> bool:
        """Whether the address lies in the repository that the credentials are meant for."""

    def read(self, source: SourceUrl, etag: str = "") -> tuple[bytes | None, str]:
        """Content and version of a file; no content where ``etag`` still is its version."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who keeps a location: its name and its page."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Keeper:
    """What the keeping app answers: who holds a location, how its files are opened, and how it is read again."""

    holder: Callable[[Location], Holder | None]
    reader: Callable[[Location], RepositoryReader | None]
    read_again: Callable[[Location], None]


_keepers: list[Keeper] = []


def add_keeper(keeper: Keeper) -> None:
    """Add an app's answers; called from ``AppConfig.ready()``."""
    _keepers.append(keeper)


def holder_of(location: Location) -> Holder | None:
    """Who keeps a location; None for those that people registered."""
    return next((found for keeper in _keepers if (found := keeper.holder(location))), None)


def reader_for(location: Location) -> RepositoryReader | None:
    """The reader with the credentials of whoever keeps the location."""
    return next((found for keeper in _keepers if (found := keeper.reader(location))), None)


def read_again(location: Location) -> None:
    """Have a provided location read again by its provider."""
    for keeper in _keepers:
        keeper.read_again(location)
