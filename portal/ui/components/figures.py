"""Numbers that are drawn: tiles, bars, sparklines, progress, steps, differences, times, faces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.ui.components.icons import icon
from portal.ui.components.library import register
from portal.ui.components.states import tone_of


@register.simple_tag
def tile(
    label: str,
    value: object,
    href: str = "",
    icon_name: str = "",
    tone: str = "",
    hint: object = "",
    chart: object = "",
) -> SafeString:
    """One number with its name; ``chart`` is the output of another figure (``{% sparkline … as x %}``)."""
    inner = format_html(
        '<span class="tile-label">{}{}</span><span class="tile-value">{}</span>{}{}',
        icon(icon_name, "sm") if icon_name else "", label, value,
        format_html('<span class="tile-hint">{}</span>', hint) if hint else "",
        format_html('<span class="tile-chart">{}</span>', chart) if chart else "",
    )  # fmt: skip
    classes = "tile" + (f" tile-{tone}" if tone else "")
    if href:
        return format_html('<a class="{}" href="{}">{}</a>', classes, href, inner)
    return format_html('<div class="{}">{}</div>', classes, inner)


@register.simple_tag
def sparkline(values: Sequence[float], label: str, tone: str = "accent") -> SafeString:
    """A line through ``values``, oldest first; ``label`` says it in words."""
    numbers = [float(value) for value in values] or [0.0]
    low, high = min(numbers), max(numbers)
    span, step = (high - low) or 1.0, 100 / max(len(numbers) - 1, 1)
    points = [f"{index * step:.1f},{26 - (value - low) / span * 24:.1f}" for index, value in enumerate(numbers)]
    points = points if len(points) > 1 else [points[0], "100," + points[0].split(",")[1]]
    return format_html(
        '<svg class="sparkline tone-{}" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polygon points="0,28 {} 100,28"/><polyline points="{}"/></svg>',
        tone, label, " ".join(points), " ".join(points),
    )  # fmt: skip


@register.simple_tag
def mini_bars(rows: Iterable[Mapping[str, Any]], label: str) -> SafeString:
    """Bars side by side; rows are ``{"label", "value", "tone"?}``, oldest first."""
    rows = list(rows)
    top = max((float(row["value"]) for row in rows), default=0) or 1.0
    bars = format_html_join(
        "",
        '<rect class="tone-{}" x="{}" y="{}" width="6" height="{}" rx="1"><title>{}: {}</title></rect>',
        (
            (row.get("tone", "accent"), index * 8, f"{28 - height:.1f}", f"{height:.1f}", row["label"], row["value"])
            for index, row in enumerate(rows)
            for height in [max(float(row["value"]) / top * 28, 1.0)]
        ),
    )
    return format_html(
        '<svg class="mini-bars" viewBox="0 0 {} 28" role="img" aria-label="{}">{}</svg>',
        max(len(rows) * 8 - 2, 6),
        label,
        bars,
    )


@register.simple_tag
def ratio(parts: Iterable[Mapping[str, Any]], label: str, legend: bool = True) -> SafeString:
    """One bar divided among parts ``{"label", "value", "tone", "href"?}``, with a legend of numbers."""
    parts = [part for part in parts if part["value"]]
    total, left, pieces = sum(float(part["value"]) for part in parts) or 1.0, 0.0, []
    for part in parts:
        width = float(part["value"]) / total * 100
        pieces.append((part["tone"], f"{left:.2f}", f"{max(width - 0.5, 0.4):.2f}", part["label"], part["value"]))
        left += width
    bars = format_html_join(
        "", '<rect class="tone-{}" x="{}" y="0" width="{}" height="8"><title>{}: {}</title></rect>', pieces
    )
    bar = format_html(
        '<svg class="ratio-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        label,
        bars,
    )
    return format_html('<div class="ratio-figure">{}{}</div>', bar, _legend(parts) if legend else "")


def _legend(parts: Sequence[Mapping[str, Any]]) -> SafeString:
    entries = format_html_join(
        "",
        '<li><span class="dot tone-{}"></span>{} <b>{}</b></li>',
        (
            (
                part["tone"],
                format_html('<a href="{}">{}</a>', part["href"], part["label"]) if part.get("href") else part["label"],
                part["value"],
            )
            for part in parts
        ),
    )
    return format_html('<ul class="ratio-legend">{}</ul>', entries)


@register.simple_tag
def progress(value: float, total: float, label: str, tone: str = "accent") -> SafeString:
    """How far something is; ``label`` says it in words."""
    return format_html(
        '<div class="progress-line tone-{}"><progress value="{}" max="{}" aria-label="{}"></progress>'
        '<span class="text-soft">{}</span></div>',
        tone, value, total or 1, label, label,
    )  # fmt: skip


@register.simple_tag
def steps(rows: Iterable[Mapping[str, Any]], label: str = "Progress", vertical: bool = False) -> SafeString:
    """The stations of something long: rows are ``{"label", "state", "href"?, "detail"?, "current"?}``."""
    items = format_html_join(
        "",
        '<li class="step step-{}"{}><span class="step-mark">{}</span><span class="step-text">{}{}</span></li>',
        (
            (
                tone_of(row.get("state", "")),
                mark_safe(' aria-current="step"') if row.get("current") else "",
                _step_sign(row, number),
                format_html('<a href="{}">{}</a>', row["href"], row["label"]) if row.get("href") else row["label"],
                format_html("<small>{}</small>", row["detail"]) if row.get("detail") else "",
            )
            for number, row in enumerate(rows, start=1)
        ),
    )
    return format_html(
        '<ol class="steps{}" aria-label="{}">{}</ol>', " steps-vertical" if vertical else "", label, items
    )


def _step_sign(row: Mapping[str, Any], number: int) -> SafeString:
    signs = {"ok": "check", "running": "loader-circle", "failed": "x", "waiting": "hourglass", "muted": "minus"}
    sign = signs.get(tone_of(row.get("state", "")))
    said = format_html('<span class="visually-hidden">{}</span>', row.get("state", ""))
    return format_html("{}{}", icon(sign, "sm") if sign else str(number), said)


@register.simple_tag
def diff_counts(add: int | None = 0, change: int | None = 0, delete: int | None = 0, size: str = "md") -> SafeString:
    """What a plan would do: ``+2 ~1 -0``."""
    rows = [
        ("add", "+", add or 0, "to add"),
        ("change", "~", change or 0, "to change"),
        ("delete", "−", delete or 0, "to delete"),
    ]
    items = format_html_join(
        "",
        '<span class="diff-{}{}"><span aria-hidden="true">{}</span>{}<span class="visually-hidden"> {}</span></span>',
        ((name, "" if count else " is-zero", sign, count, words) for name, sign, count, words in rows),
    )
    return format_html('<span class="diff-counts diff-{}">{}</span>', size, items)


@register.simple_tag
def ago(when: datetime | date | None, missing: str = "never") -> SafeString:
    """How long ago (or how soon), with the exact time on hover; kept current by script."""
    if when is None:
        return format_html('<span class="text-faint">{}</span>', missing)
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day, tzinfo=timezone.get_current_timezone())
    exact = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        exact.isoformat(),
        f"{exact:%Y-%m-%d %H:%M:%S %Z}",
        in_words(when),
    )


def in_words(when: datetime) -> str:
    """``when`` against now, in one unit: "3 min ago", "in 2 days"."""
    seconds = int((timezone.now() - when).total_seconds())
    past, size = seconds >= 0, abs(seconds)
    if size < 10:
        return "just now"
    limits = (
        (60, 1, "s"),
        (3600, 60, " min"),
        (86_400, 3600, " h"),
        (86_400 * 60, 86_400, " d"),
        (86_400 * 730, 2_629_800, " mo"),
    )
    unit = next(((size // per, name) for limit, per, name in limits if size < limit), (size // 31_557_600, " y"))
    words = f"{unit[0]}{unit[1]}"
    return f"{words} ago" if past else f"in {words}"


@register.simple_tag
def duration(value: timedelta | float | None, missing: str = "–") -> str:
    """A length of time: "42 s", "3 min 5 s", "1 h 12 min"."""
    if value is None:
        return missing
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@register.simple_tag
def avatar(who: object, size: str = "md") -> SafeString:
    """Initials in a colour that stays the same for the same name; groups and machines are square."""
    name = str(who)
    words = name.replace(".", " ").replace("-", " ").replace("_", " ").split()
    initials = getattr(who, "initials", "") or "".join(word[0] for word in words[:2]).upper() or "?"
    hue = sum(ord(letter) * (place + 1) for place, letter in enumerate(name)) % 8
    shape = "" if hasattr(who, "username") else " is-square"
    return format_html(
        '<span class="avatar avatar-{} hue-{}{}" aria-hidden="true">{}</span>', size, hue, shape, initials
    )


@register.simple_tag
def person_line(who: object, detail: object = "") -> SafeString:
    """Avatar and name, with a second line where ``detail`` is given."""
    second = format_html("<small>{}</small>", detail) if detail else ""
    return format_html(
        '<span class="person">{}<span class="person-text"><span>{}</span>{}</span></span>', avatar(who), who, second
    )
