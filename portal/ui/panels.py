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
    found = []
    for panel in panels(store):
        values = panel.context(request, obj)
        if values is not None:
            found.append(Shown(panel, render_to_string(panel.template, {"panel": panel, **values}, request)))
    return found
