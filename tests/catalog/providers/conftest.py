"""A Git host on this machine, which the portal may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.ingestion.models import Location
from catalog.ingestion.services import read_now
from catalog.providers.models import Provider
from catalog.providers.reading import read_provider_now
from tests.catalog.providers.git_host import API, GitHost, hosting
from tests.conftest import Cast
from tests.factories.providers import make_provider

Make = Callable[..., Provider]


@pytest.fixture
def host(tmp_path: Path, settings: Any, socket_enabled: None) -> Iterator[GitHost]:
    """A running host without repositories."""
    with hosting(tmp_path / "host") as running:
        settings.READING_ALLOW = settings.READING_ALLOW_PRIVATE = [f"127.0.0.1:{running.port}"]
        yield running


@pytest.fixture
def discovery(cast: Cast, host: GitHost) -> Make:
    """A function that makes a provider of the host."""

    def make(kind: str = "github", **options: Any) -> Provider:
        values = {"owner": "acme", "url": host.url, "api_url": f"{host.url}{API[kind]}", **options}
        return make_provider(cast.space, "git", kind, host.token, **values)

    return make


def read(provider: Provider) -> Provider:
    """Read the provider, and each location that is waiting."""
    read_provider_now(provider.pk)
    provider.refresh_from_db()
    for location in Location.objects.filter(marks={}, found_file__isnull=False):
        read_now(location.pk)
    return provider
