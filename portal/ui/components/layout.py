"""The frames of a page: header, cards, sections, tabs, facts, callouts, empty states."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.ui.components.attributes import attributes
from portal.ui.components.icons import icon
from portal.ui.components.library import block_component, register

_CALLOUT_ICONS = {
    "ok": "circle-check",
    "waiting": "triangle-alert",
    "failed": "octagon-alert",
    "drifted": "waypoints",
    "running": "info",
    "accent": "info",
    "neutral": "info",
}


@block_component("page_header", "components/page_header.html")
def page_header(title: object, subtitle: object = "", kind: str = "", icon_name: str = "") -> dict[str, Any]:
    """The head of a page: h1, what it is, badges, and what can be done. Slots: ``badges``, ``actions``, ``meta``."""
    return {"title": title, "subtitle": subtitle, "kind": kind, "icon_name": icon_name}


@block_component("card", "components/card.html")
def card(
    title: object = "",
    icon_name: str = "",
    href: str = "",
    tone: str = "",
    flush: bool = False,
    id: str = "",
    count: object = "",
) -> dict[str, Any]:
    """A framed part of a page. Slots: ``actions`` beside the title, ``footer``. ``flush`` for tables and lists."""
    return {
        "title": title,
        "icon_name": icon_name,
        "href": href,
        "tone": tone,
        "flush": flush,
        "id": id,
        "count": count,
    }


@block_component("section", "components/section.html")
def section(title: object, text: object = "", id: str = "") -> dict[str, Any]:
    """A part of a page without a frame. Slot: ``actions``."""
    return {"title": title, "text": text, "id": id}


@block_component("tabs", "components/tabs.html")
def tabs(label: str = "Sections") -> dict[str, Any]:
    """A row of ``{% tab %}`` links; each tab is a page of its own address."""
    return {"label": label}


@register.simple_tag
def tab(
    text: str, href: str, current: bool = False, icon_name: str = "", count: object = "", **extra: Any
) -> SafeString:
    """One tab."""
    here = mark_safe(' aria-current="page"') if current else ""
    number = format_html('<span class="tab-count">{}</span>', count) if count not in ("", None) else ""
    sign = icon(icon_name, "sm") if icon_name else ""
    return format_html(
        '<a class="tab" href="{}"{}{}>{}<span>{}</span>{}</a>', href, here, attributes(extra), sign, text, number
    )


@block_component("facts", "components/facts.html")
def facts(layout: str = "rows") -> dict[str, Any]:
    """A definition list of ``{% fact %}``; ``layout`` is ``rows``, ``grid`` or ``stacked``."""
    return {"layout": layout}


@block_component("fact", "components/fact.html")
def fact(label: str, hint: str = "") -> dict[str, Any]:
    """One entry of ``{% facts %}`` with markup inside."""
    return {"label": label, "hint": hint}


@register.simple_tag
def fact_line(label: str, value: object, mono: bool = False, href: str = "") -> SafeString:
    """One entry of ``{% facts %}`` with a plain value; a dash where there is none."""
    if value in (None, ""):
        shown: SafeString = mark_safe('<span class="text-faint">–</span>')
    elif href:
        shown = format_html('<a href="{}">{}</a>', href, value)
    else:
        shown = format_html("{}", value)
    return format_html(
        '<div class="fact"><dt>{}</dt><dd{}>{}</dd></div>', label, mark_safe(' class="mono"') if mono else "", shown
    )


@block_component("callout", "components/callout.html")
def callout(tone: str = "neutral", title: object = "", icon_name: str = "") -> dict[str, Any]:
    """Something that the reader must know. Slot: ``actions``."""
    return {"tone": tone, "title": title, "icon_name": icon_name or _CALLOUT_ICONS.get(tone, "info")}


@block_component("empty", "components/empty.html")
def empty(title: str, text: object = "", icon_name: str = "inbox", small: bool = False) -> dict[str, Any]:
    """Nothing here: says why and what to do next. The content are the actions."""
    return {"title": title, "text": text, "icon_name": icon_name, "small": small}
