"""Drawing the cards that other packages hung into a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.ui.registry import Panel, panels


@dataclass(frozen=True)
class Shown:
    """A panel that has something to show, as HTML."""

    panel: Panel
    html: SafeString


def shown_panels(request: HttpRequest, store: str, obj: Any) -> list[Shown]:
    """The panels of ``store`` for ``obj``, without those that have nothing to show."""
    drawn = (
        draw(request, panel, obj) for panel in panels(store) if panel.applies is None or panel.applies(request, obj)
    )
    return [shown for shown in drawn if shown is not None]


def draw(request: HttpRequest, panel: Panel, obj: Any) -> Shown | None:
    """The panel as HTML, or None where it has nothing to show."""
    values = panel.context(request, obj)
    if values is None:
        return None
    return Shown(panel, render_to_string(panel.template, {"panel": panel, **values}, request))


def offered(request: HttpRequest, store: str, obj: Any) -> list[Panel]:
    """The panels of ``store`` that have something to show for ``obj``, not drawn yet."""
    return [
        panel
        for panel in panels(store)
        if (panel.applies(request, obj) if panel.applies else panel.context(request, obj) is not None)
    ]
