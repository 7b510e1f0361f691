"""Static files out of npm packages: only the named ones, under ``vendor/``, never copied into the repository.

The assembled style sheet is found here, too, under the name that pages link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

from portal.ui import stylesheet

VENDOR = {
    "vendor/dagre.esm.js": "@dagrejs/dagre/dist/dagre.esm.js",
    "vendor/dagre.esm.js.map": "@dagrejs/dagre/dist/dagre.esm.js.map",
    "vendor/htmx-ext-sse.js": "htmx-ext-sse/dist/sse.min.js",
    "vendor/inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
}


class _Found(FileSystemStorage):
    """Opens the file behind a name of this finder."""

    def path(self, name: str) -> str:
        return str(source_of(name))


def source_of(name: str) -> Path:
    """The file that is served as ``name``."""
    return stylesheet.written() if name == stylesheet.NAME else Path(settings.NODE_MODULES) / VENDOR[name]


class NodeModulesFinder(BaseFinder):
    """Finds what ``VENDOR`` names, once ``npm ci`` has put it there, and the assembled style sheet."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file for ``path``, or nothing."""
        known = path in VENDOR or path == stylesheet.NAME
        found = [str(source_of(path))] if known and source_of(path).exists() else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """All of them that are there."""
        storage = _Found(location=str(settings.NODE_MODULES))
        for name in (*VENDOR, stylesheet.NAME):
            if source_of(name).exists():
                yield name, storage
