"""Icons of Lucide, read from its npm package once and put into the page, so that they need no request."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.ui.components.library import register

log = logging.getLogger(__name__)
_PATHS = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_NAME = re.compile(r"^[a-z0-9-]+\Z")
FALLBACK = "square-dashed"

# The entity kinds of the catalog and the nouns of the portal, so that one thing has one sign everywhere.
KIND_ICONS = {
    "component": "box",
    "api": "puzzle",
    "system": "boxes",
    "domain": "globe",
    "resource": "database",
    "group": "users",
    "user": "user",
    "location": "map-pin",
    "template": "file-plus-2",
    "blueprint": "file-plus-2",
    "task": "list-checks",
    "stack": "layers",
    "run": "circle-play",
    "space": "folder-tree",
    "token": "key-round",
    "role": "shield-check",
    "policy": "scale",
    "context": "braces",
    "docs": "book-open",
}


def icon_file(name: str) -> Path:
    """Where the icon ``name`` lies."""
    return Path(settings.NODE_MODULES) / "lucide-static" / "icons" / f"{name}.svg"


@lru_cache(maxsize=512)
def icon_paths(name: str) -> SafeString:
    """The inside of an icon's SVG; a dashed square where there is no such icon."""
    path = icon_file(name)
    if not _NAME.match(name) or not path.exists():
        log.warning("there is no icon %r", name)
        return icon_paths(FALLBACK) if name != FALLBACK and icon_file(FALLBACK).exists() else mark_safe("")
    found = _PATHS.search(path.read_text(encoding="utf-8"))
    return mark_safe(re.sub(r"\s*\n\s*", "", found.group(1)) if found else "")  # noqa: S308 (a file of a pinned package)


@register.simple_tag
def icon(name: str, size: str = "md", label: str = "", tone: str = "") -> SafeString:
    """An icon; ``label`` makes it speak, without one it is decoration."""
    classes = f"icon icon-{size}" + (f" tone-{tone}" if tone else "")
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        classes, said, icon_paths(name),
    )  # fmt: skip


@register.filter
def kind_icon(kind: object) -> str:
    """The icon name of an entity kind or of one of the portal's nouns."""
    return KIND_ICONS.get(str(kind).lower(), "square")
