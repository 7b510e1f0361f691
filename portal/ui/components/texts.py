"""Logs and code."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from portal.ui.ansi import to_html
from portal.ui.components.actions import copy
from portal.ui.components.library import block_component, register

# Colouring is quadratic in bad cases and nobody reads colours in a text of this size.
MAX_COLOURED = 100_000
_formatter = HtmlFormatter(nowrap=True)


@block_component("log_frame", "components/log_frame.html")
def log_frame(
    id: str = "log", label: str = "Log", sse_url: str = "", sse_event: str = "line", sse_close: str = "end",
    download: str = "", numbers: bool = True, times: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """A frame around ``{% log_line %}`` rows with follow, wrap and download. With ``sse_url`` new rows arrive by
    server-sent events: each event named ``sse_event`` carries the HTML of rows; ``sse_close`` ends the stream.
    Slots: ``head``, ``empty`` (shown while there is no line)."""
    return {"id": id, "label": label, "sse_url": sse_url, "sse_event": sse_event, "sse_close": sse_close,
            "download": download, "numbers": numbers, "times": times}  # fmt: skip


@register.simple_tag
def log_line(
    text: str, number: int | None = None, at: datetime | None = None, level: str = "", anchor: str = "L"
) -> SafeString:
    """One line of a log: number (a link to itself), time, text with its terminal colours."""
    place = (
        format_html('<a class="log-number" href="#{}{}">{}</a>', anchor, number, number) if number is not None else ""
    )
    local = timezone.localtime(at) if at else None
    moment = (
        format_html('<time class="log-time" datetime="{}">{}</time>', local.isoformat(), f"{local:%H:%M:%S}")
        if local
        else ""
    )
    identity = format_html(' id="{}{}"', anchor, number) if number is not None else ""
    return format_html(
        '<li class="log-line{}"{}>{}{}<span class="log-text">{}</span></li>',
        f" log-{level}" if level else "", identity, place, moment, to_html(text),
    )  # fmt: skip


@register.simple_tag
def log_group(text: str, state: str = "") -> SafeString:
    """A heading between lines of a log, such as the step that they belong to."""
    return format_html('<li class="log-group" data-state="{}">{}</li>', state, text)


@register.simple_tag
def code(text: str, language: str = "", title: str = "", copyable: bool = True, wrap: bool = False) -> SafeString:
    """A block of code; ``language`` is a Pygments name (yaml, json, hcl, bash, diff, rego, jinja …)."""
    shown = coloured(text, language) if language and len(text) <= MAX_COLOURED else format_html("{}", text)
    head = format_html('<figcaption class="code-title">{}</figcaption>', title) if title else mark_safe("")
    return format_html(
        '<figure class="code{}">{}{}<pre tabindex="0"><code>{}</code></pre></figure>',
        " is-wrapped" if wrap else "", head, copy(text, "Copy all") if copyable else "", shown,
    )  # fmt: skip


@lru_cache(maxsize=64)
def coloured(text: str, language: str) -> SafeString:
    """``text`` as escaped HTML with Pygments' classes; plain where the language is unknown."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return format_html("{}", text)
    return mark_safe(highlight(text, lexer, _formatter))  # noqa: S308 (Pygments escapes)
