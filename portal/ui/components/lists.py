"""Lists: tables, filters, counts, pagination, trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.ui.components.icons import icon
from portal.ui.components.library import block_component, register

_ENDLESS = ("page", "cursor", "before", "after")


def link_with(request: HttpRequest | None, **changes: object) -> str:
    """The current query with ``changes``; None removes a name, a list repeats it. Pagination starts over."""
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name in _ENDLESS:
        if name not in changes:
            query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if isinstance(value, list | tuple):
            query.setlist(name, [str(item) for item in value])
        elif value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def link_query(context: Context, **changes: object) -> str:
    """``?…`` with the current query and ``changes``."""
    return link_with(context.get("request"), **changes)


@block_component("table", "components/table.html")
def table(
    *columns: str,
    caption: str,
    id: str = "",
    dense: bool = False,
    sort_by: str = "sort",
    request: HttpRequest | None = None,
) -> dict[str, Any]:
    """A table; columns are ``"Name"``, ``"Name:sort_key"``, ``"#Number"``, ``"!Hidden heading"``.

    Rows are plain ``<tr><td data-label="Name">``; on a phone each row becomes a card that shows the labels.
    """
    heads = [_head(column, request, sort_by) for column in columns]
    return {"heads": heads, "caption": caption, "id": id, "dense": dense}


def _head(column: str, request: HttpRequest | None, sort_by: str) -> dict[str, Any]:
    label, _, key = column.partition(":")
    head: dict[str, Any] = {
        "label": label.lstrip("#!"),
        "is_number": label.startswith("#"),
        "is_hidden": label.startswith("!"),
    }
    if key:
        current = request.GET.get(sort_by, "") if request is not None else ""
        head["direction"] = {key: "ascending", f"-{key}": "descending"}.get(current, "none")
        head["href"] = link_with(request, **{sort_by: f"-{key}" if current == key else key})
    return head


@block_component("filters", "components/filters.html")
def filters(
    target: str = "",
    q: bool = True,
    placeholder: str = "Filter…",
    label: str = "Filter",
    keep: str = "",
    *,
    request: HttpRequest | None = None,
) -> dict[str, Any]:
    """A bar above a list: a text search ``q`` and ``{% facet %}`` menus. Works as a plain GET form.

    With ``target`` (a CSS selector) the list is swapped by htmx while typing. ``keep`` names query parameters, divided
    by spaces, that stay (such as the sorting). Slots: ``chips``, ``actions``.
    """
    kept = [(name, request.GET[name]) for name in keep.split() if request is not None and name in request.GET]
    text = request.GET.get("q", "") if request is not None else ""
    return {"target": target, "has_search": q, "text": text, "placeholder": placeholder, "kept": kept, "label": label,
            "path": request.path if request is not None else ""}  # fmt: skip


@register.inclusion_tag("components/facet.html", takes_context=True)
def facet(
    context: Context, label: str, name: str, options: Iterable[Mapping[str, Any]], single: bool = False
) -> dict[str, Any]:
    """A menu of choices with counts. Options are ``{"value", "label"?, "count"?, "is_selected"?}``."""
    request = context.get("request")
    chosen = request.GET.getlist(name) if request is not None else []
    rows = [
        {
            "value": option["value"],
            "label": option.get("label") or option["value"] or "none",
            "count": option.get("count"),
            "is_selected": option.get("is_selected", str(option["value"]) in chosen),
        }
        for option in options
    ]
    return {
        "label": label,
        "name": name,
        "rows": rows,
        "single": single,
        "picked": [row for row in rows if row["is_selected"]],
    }


@register.simple_tag
def chip(text: object, remove: str = "", icon_name: str = "") -> SafeString:
    """A filter that is on; ``remove`` is the address without it."""
    sign = icon(icon_name, "sm") if icon_name else ""
    if not remove:
        return format_html('<span class="chip">{}{}</span>', sign, text)
    return format_html(
        '<a class="chip" href="{}" title="Remove this filter">{}{}{}<span class="visually-hidden"> (remove)</span></a>',
        remove, sign, text, icon("x", "sm"),
    )  # fmt: skip


@register.simple_tag
def count_line(total: int, noun: str = "result", plural: str = "", of: int | None = None) -> SafeString:
    """How many there are, spoken to screen readers when it changes."""
    word = noun if total == 1 else (plural or f"{noun}s")
    rest = f" of {of:,}" if of is not None and of != total else ""
    return format_html(
        '<p class="count-line" role="status" aria-live="polite"><b>{}</b>{} {}</p>', f"{total:,}", rest, word
    )


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: Context, page: Page[Any], noun: str = "result", plural: str = "", target: str = ""
) -> dict[str, Any]:
    """Numbered pages of Django's paginator (``?page=``), with the count."""
    request = context.get("request")
    numbers = [
        {"number": number, "href": link_with(request, page=number), "is_current": number == page.number}
        if isinstance(number, int)
        else {"number": None}
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    total = page.paginator.count
    return {
        "numbers": numbers if page.paginator.num_pages > 1 else [],
        "previous": link_with(request, page=page.previous_page_number()) if page.has_previous() else "",
        "next": link_with(request, page=page.next_page_number()) if page.has_next() else "",
        "first": page.start_index(), "last": page.end_index(), "total": total,
        "noun": noun if total == 1 else (plural or f"{noun}s"), "target": target,
    }  # fmt: skip


@register.inclusion_tag("components/pagination.html")
def cursor_pagination(
    previous: str = "",
    next: str = "",
    total: int | None = None,
    noun: str = "result",
    plural: str = "",
    target: str = "",
) -> dict[str, Any]:
    """Newer and older by two addresses; the total is shown where it is known."""
    return {"numbers": [], "previous": previous, "next": next, "total": total, "target": target,
            "noun": noun if total == 1 else (plural or f"{noun}s")}  # fmt: skip


@register.simple_tag
def tree(nodes: Sequence[Mapping[str, Any]], label: str = "Tree") -> SafeString:
    """Nested ``{"label", "url"?, "icon"?, "detail"?, "is_current"?, "children"?}``; branches fold."""
    return format_html('<nav class="tree" aria-label="{}">{}</nav>', label, _branch(nodes))


def _branch(nodes: Sequence[Mapping[str, Any]]) -> SafeString:
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((_node(node),) for node in nodes)))


def _node(node: Mapping[str, Any]) -> SafeString:
    sign = icon(str(node.get("icon") or "folder"), "sm")
    detail = format_html('<span class="tree-detail">{}</span>', node["detail"]) if node.get("detail") else ""
    here = mark_safe(' aria-current="page"') if node.get("is_current") else ""
    if node.get("url"):
        face = format_html(
            '<a class="tree-node" href="{}"{}>{}<span>{}</span></a>{}', node["url"], here, sign, node["label"], detail
        )
    else:
        face = format_html('<span class="tree-node"{}>{}<span>{}</span></span>{}', here, sign, node["label"], detail)
    if not node.get("children"):
        return format_html('<div class="tree-leaf">{}</div>', face)
    return format_html("<details open><summary>{}</summary>{}</details>", face, _branch(node["children"]))
