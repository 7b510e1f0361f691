"""Static files out of npm packages: only the named ones, under ``vendor/``, never copied into the repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

VENDOR = {
    "vendor/bootstrap.css": "bootstrap/dist/css/bootstrap.min.css",
    "vendor/htmx-ext-sse.js": "htmx-ext-sse/dist/sse.min.js",
}


class _Vendored(FileSystemStorage):
    """Opens the file behind a vendored name."""

    def path(self, name: str) -> str:
        return str(source_of(name))


def source_of(name: str) -> Path:
    """The file of an npm package that is served as ``name``."""
    return Path(settings.NODE_MODULES) / VENDOR[name]


class NodeModulesFinder(BaseFinder):
    """Finds what ``VENDOR`` names, once ``npm ci`` has put it there."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file for ``path``, or nothing."""
        found = [str(source_of(path))] if path in VENDOR and source_of(path).exists() else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """All vendored files that are installed."""
        storage = _Vendored(location=str(settings.NODE_MODULES))
        for name in VENDOR:
            if source_of(name).exists():
                yield name, storage
