"""States in one visual language: which tone and which sign a state has, wherever it is shown."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.ui.components.attributes import attributes
from portal.ui.components.icons import icon
from portal.ui.components.library import register

TONES = ("neutral", "accent", "ok", "running", "waiting", "failed", "drifted", "muted")
_TONE_ICONS = {
    "ok": "circle-check",
    "running": "loader-circle",
    "waiting": "hourglass",
    "failed": "circle-x",
    "drifted": "waypoints",
    "muted": "circle-slash",
    "neutral": "circle-dashed",
    "accent": "circle-dot",
}
_STATES = {
    "ok": "ok completed finished succeeded success applied healthy active ready enabled valid passed done yes",
    "running": "running processing preparing initializing planning applying destroying performing executing "
    "in_progress discovering indexing open",
    "waiting": "waiting queued pending unconfirmed confirmed pending_review needs_approval replan_requested paused "
    "ready_to_run stale expiring warning deferred",
    "failed": "failed error stopped rejected timeout timed_out unhealthy invalid crashed tainted lost forbidden",
    "drifted": "drifted changed orphaned outdated conflict",
    "muted": "canceled cancelled discarded skipped disabled inactive revoked expired deactivated none unknown "
    "suspended",
}
TONE_OF = {state: tone for tone, states in _STATES.items() for state in states.split()}
_ICON_OF = {
    "unconfirmed": "hand",
    "tainted": "triangle-alert",
    "warning": "triangle-alert",
    "queued": "clock",
    "stale": "clock-alert",
}
_ICON_OF |= {"unknown": "circle-help", "skipped": "circle-minus", "discarded": "circle-minus"}


def tone_of(state: object) -> str:
    """The tone of a state's name; ``neutral`` for states that nobody named."""
    return TONE_OF.get(str(state).lower().replace("-", "_").replace(" ", "_"), "neutral")


@register.simple_tag
def status(state: object, label: str = "", tone: str = "", icon_name: str = "", **extra: object) -> SafeString:
    """A pill for a state."""
    tone = tone or tone_of(state)
    name = icon_name or _ICON_OF.get(str(state).lower(), _TONE_ICONS.get(tone, "circle"))
    words = label or str(state).replace("_", " ").replace("-", " ").capitalize()
    return format_html(
        '<span class="status status-{}" data-state="{}"{}>{}<span>{}</span></span>',
        tone, state, attributes(dict(extra)), icon(name, "sm"), words,
    )  # fmt: skip


@register.filter
def state_tone(state: object) -> str:
    """The tone of a state, for other components' ``tone=``."""
    return tone_of(state)


@register.simple_tag
def badge(
    text: object, tone: str = "neutral", icon_name: str = "", href: str = "", mono: bool = False, **extra: object
) -> SafeString:
    """A small label: a tag, a type, a count; a link where ``href`` is given."""
    sign = icon(icon_name, "sm") if icon_name else ""
    classes = f"badge-pill badge-{tone}" + (" mono" if mono else "")
    rest = attributes(dict(extra))
    if href:
        return format_html('<a class="{}" href="{}"{}>{}<span>{}</span></a>', classes, href, rest, sign, text)
    return format_html('<span class="{}"{}>{}<span>{}</span></span>', classes, rest, sign, text)
