"""What upper packages hang into the shell: navigation entries, entity tabs, home cards, search sources.

Filled in ``AppConfig.ready()``; the stores are closed: an unknown store is an error of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation. ``url_name`` also decides which entry is current (by its namespace prefix).

    With ``needs_root`` the permission counts at root only, for what belongs to no space.
    """

    label: str
    url_name: str
    icon: str
    section: str = "main"
    order: int = 100
    permission: str = ""
    needs_root: bool = False
    badge: Callable[[HttpRequest], int] | None = None


@dataclass(frozen=True)
class Panel:
    """A tab or card on somebody else's page: ``context`` gets the request and the object and returns the template's
    context, or None where there is nothing to show (the panel is then left out).

    ``applies`` says the same at less cost, so that a tab can be offered without being filled; where it is not given,
    ``context`` is asked. ``area`` is where a card of an entity stands: ``main`` or ``aside``.
    """

    slug: str
    label: str
    template: str
    context: Callable[[HttpRequest, Any], dict[str, Any] | None]
    icon: str = "square"
    order: int = 100
    applies: Callable[[HttpRequest, Any], bool] | None = None
    area: str = "main"


@dataclass(frozen=True)
class SearchSource:
    """One kind of thing that the header's search finds: up to ``limit`` hits that the request's subject may see."""

    slug: str
    label: str
    find: Callable[[HttpRequest, str, int], list[SearchHit]]
    order: int = 100


@dataclass(frozen=True)
class SearchHit:
    """One found thing."""

    title: str
    url: str
    kind: str
    icon: str
    detail: str = ""


_nav: list[NavItem] = []
_panels: dict[str, list[Panel]] = {
    name: []
    for name in (
        "entity_tab",
        "entity_card",
        "home_card",
        "space_card",
        "location_card",
        "account_card",
        "person_card",
        "group_card",
    )
}
_sources: list[SearchSource] = []


def add_nav(item: NavItem) -> None:
    """Add an entry to the navigation."""
    _nav.append(item)


def nav_items() -> list[NavItem]:
    """All entries in their order."""
    return sorted(_nav, key=lambda item: (item.order, item.label))


def add_panel(store: str, panel: Panel) -> None:
    """Add a tab or card; ``store`` is one of ``entity_tab``, ``entity_card``, ``home_card``, ``space_card``,
    ``location_card``, ``account_card`` (one's own), ``person_card`` (somebody's, for who looks people up) and
    ``group_card``.

    Raises ``ValueError`` where the store has a panel of this slug already.
    """
    if any(known.slug == panel.slug for known in _panels[store]):
        raise ValueError(f"There is a {store} called {panel.slug!r} already.")
    _panels[store].append(panel)


def panels(store: str) -> list[Panel]:
    """The panels of a store in their order."""
    return sorted(_panels[store], key=lambda panel: (panel.order, panel.label))


def add_search_source(source: SearchSource) -> None:
    """Add a kind of thing to the header's search."""
    _sources.append(source)


def search_sources() -> list[SearchSource]:
    """All sources in their order."""
    return sorted(_sources, key=lambda source: (source.order, source.label))
