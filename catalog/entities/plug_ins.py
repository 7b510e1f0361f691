"""Tabs and cards that installed packages add to the pages of entities, without any change here.

A package names a function under the entry point group ``callboard.entity_panels``; it is called once at the start and
gives pairs of a store (``entity_tab`` or ``entity_card``) and a ``portal.ui.registry.Panel``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points
from typing import Any, TypeVar

import structlog
from django.http import HttpRequest

from portal.ui.registry import Panel, add_panel

ENTRY_POINTS = "callboard.entity_panels"
STORES = ("entity_tab", "entity_card")
log = structlog.get_logger(__name__)
T = TypeVar("T")


def add_panels() -> list[str]:
    """Add what installed packages give; the slugs of it. A package that fails is logged and left out."""
    added = []
    for point in entry_points(group=ENTRY_POINTS):
        try:
            for store, panel in point.load()():
                if store not in STORES:
                    raise ValueError(f"{store!r} is none of {', '.join(STORES)}.")
                add_panel(store, _guarded(panel))
                added.append(panel.slug)
        except Exception:
            log.exception("the tabs and cards of a package are left out", entry_point=point.value)
    return added


def _guarded(panel: Panel) -> Panel:
    """``panel`` that shows nothing, instead of breaking the page, where its package fails."""
    applies = _safe(panel, panel.applies, False) if panel.applies else None
    return replace(panel, context=_safe(panel, panel.context, None), applies=applies)


def _safe(panel: Panel, asked: Callable[[HttpRequest, Any], T], otherwise: T) -> Callable[[HttpRequest, Any], T]:
    def answer(request: HttpRequest, entity: Any) -> T:
        try:
            return asked(request, entity)
        except Exception:
            log.exception("a tab or card of a package failed", panel=panel.slug)
            return otherwise

    return answer
