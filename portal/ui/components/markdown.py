"""Markdown from people and blueprints as safe HTML."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from portal.ui.components.library import register

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


@register.filter
def markdown(text: object) -> SafeString:
    """CommonMark with tables; raw HTML stays text, links leave no referrer, images are left out."""
    rendered = _parser.render(str(text or ""))
    # SECURITY: everything that the parser lets through is checked once more against a short list of tags.
    return mark_safe(nh3.clean(rendered, tags=_TAGS, attributes={"a": {"href", "title"}}))  # noqa: S308
