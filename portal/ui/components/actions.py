"""What people press: buttons, menus, dialogs, copying."""

from __future__ import annotations

from typing import Any

from django.middleware.csrf import get_token
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from portal.ui.components.attributes import attributes
from portal.ui.components.icons import icon
from portal.ui.components.library import block_component, register

VARIANTS = ("primary", "secondary", "quiet", "danger", "danger-quiet")


def _face(text: str, icon_name: str, icon_only: bool, trailing: str = "") -> SafeString:
    words = format_html('<span class="{}">{}</span>', "visually-hidden" if icon_only else "button-text", text)
    return format_html(
        "{}{}{}", icon(icon_name, "sm") if icon_name else "", words, icon(trailing, "sm") if trailing else ""
    )


def _classes(variant: str, size: str, icon_only: bool) -> str:
    return (
        f"button button-{variant}" + (f" button-{size}" if size != "md" else "") + (" button-icon" if icon_only else "")
    )


@register.simple_tag
def button(
    text: str,
    href: str = "",
    variant: str = "secondary",
    icon_name: str = "",
    size: str = "md",
    type: str = "button",
    reason: str = "",
    opens: str = "",
    icon_only: bool = False,
    trailing: str = "",
    **extra: Any,
) -> SafeString:
    """A link that looks like a button, or a button. With ``reason`` it is disabled and says why."""
    face, classes = _face(text, icon_name, icon_only, trailing), _classes(variant, size, icon_only)
    if reason:
        return _refused(face, classes, reason)
    if opens:
        extra |= {"aria_haspopup": "dialog"}
        return format_html(
            '<button type="button" class="{}" popovertarget="{}"{}>{}</button>', classes, opens, attributes(extra), face
        )
    if icon_only:
        extra.setdefault("title", text)
    if href:
        return format_html('<a class="{}" href="{}"{}>{}</a>', classes, href, attributes(extra), face)
    return format_html('<button type="{}" class="{}"{}>{}</button>', type, classes, attributes(extra), face)


def _refused(face: SafeString, classes: str, reason: str) -> SafeString:
    # ``aria-disabled`` and not ``disabled``: it stays reachable by keyboard, so that everybody can read the reason.
    return format_html(
        '<span class="reason" data-reason="{}"><button type="button" class="{}" aria-disabled="true"'
        ' aria-description="{}">{}</button></span>',
        reason, classes, reason, face,
    )  # fmt: skip


def csrf_field(context: Context) -> SafeString:
    """The hidden CSRF field for a form that a tag renders."""
    request = context.get("request")
    token = get_token(request) if request is not None else ""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)


@register.inclusion_tag("components/post_button.html", takes_context=True)
def post_button(
    context: Context,
    text: str,
    action: str,
    variant: str = "secondary",
    icon_name: str = "",
    size: str = "md",
    reason: str = "",
    confirm: str = "",
    confirm_text: str = "",
    icon_only: bool = False,
    name: str = "",
    value: str = "",
    **extra: Any,
) -> dict[str, Any]:
    """A button that posts to ``action``. With ``confirm`` a dialog asks first, also without JavaScript."""
    look: dict[str, Any] = {"variant": variant, "icon_name": icon_name, "size": size, "icon_only": icon_only}
    dialog_id = f"ask-{slugify(f'{action} {value} {text}')}"
    sure = "danger" if variant.startswith("danger") else "primary"
    return {
        "action": action,
        "csrf": csrf_field(context),
        "name": name,
        "value": value,
        "confirm": confirm,
        "confirm_text": confirm_text or "This happens at once.",
        "dialog_id": dialog_id,
        "refused": button(text, reason=reason, **look) if reason else "",
        "opener": button(text, opens=dialog_id, **look),
        "submit": button(text, type="submit", **look, **extra),
        "sure": button(text, type="submit", variant=sure, icon_name=icon_name, **extra),
    }


@block_component("modal", "components/modal.html")
def modal(id: str, title: str, size: str = "md") -> dict[str, Any]:
    """A dialog that ``{% button "…" opens=id %}`` opens; Esc closes it. Slot: ``actions``."""
    return {"id": id, "title": title, "size": size}


@block_component("menu", "components/menu.html")
def menu(
    text: str,
    icon_name: str = "",
    variant: str = "quiet",
    size: str = "md",
    icon_only: bool = False,
    align: str = "end",
) -> dict[str, Any]:
    """A button with a list of ``{% menu_item %}`` and ``{% menu_post %}`` below it."""
    return {
        "text": text,
        "icon_name": icon_name,
        "variant": variant,
        "size": size,
        "icon_only": icon_only,
        "align": align,
    }


@register.simple_tag
def menu_item(
    text: str, href: str, icon_name: str = "", reason: str = "", current: bool = False, **extra: Any
) -> SafeString:
    """A link in a menu."""
    sign = icon(icon_name, "sm") if icon_name else ""
    if reason:
        return format_html(
            '<li><span class="menu-item is-refused" title="{}">{}<span>{}<small>{}</small></span></span></li>',
            reason, sign, text, reason,
        )  # fmt: skip
    here = mark_safe(' aria-current="true"') if current else ""
    return format_html(
        '<li><a class="menu-item" href="{}"{}{}>{}<span>{}</span></a></li>', href, here, attributes(extra), sign, text
    )


@register.simple_tag(takes_context=True)
def menu_post(
    context: Context,
    text: str,
    action: str,
    icon_name: str = "",
    tone: str = "",
    name: str = "",
    value: str = "",
    **extra: Any,
) -> SafeString:
    """A menu entry that posts to ``action``."""
    hidden = format_html('<input type="hidden" name="{}" value="{}">', name, value) if name else mark_safe("")
    return format_html(
        '<li><form method="post" action="{}">{}{}<button type="submit" class="menu-item{}"{}>{}<span>{}</span></button>'
        "</form></li>",
        action, csrf_field(context), hidden, f" tone-{tone}" if tone else "", attributes(extra),
        icon(icon_name, "sm") if icon_name else "", text,
    )  # fmt: skip


@register.simple_tag
def menu_label(text: str) -> SafeString:
    """A heading between entries of a menu."""
    return format_html('<li class="menu-label">{}</li>', text)


@register.simple_tag
def menu_line() -> SafeString:
    """A line between entries of a menu."""
    return mark_safe('<li class="menu-line" role="separator"></li>')


@register.simple_tag
def copy(text: object, label: str = "Copy", show: bool = False) -> SafeString:
    """A button that copies ``text``; with ``show`` the text itself stands before it."""
    shown = format_html('<code class="copy-text">{}</code>', text) if show else mark_safe("")
    return format_html(
        '<span class="copy">{}<button type="button" class="button button-quiet button-sm button-icon" data-copy="{}"'
        ' title="{}">{}{}<span class="visually-hidden">{}</span></button></span>',
        shown, text, label, icon("copy", "sm"), icon("check", "sm"), label,
    )  # fmt: skip
