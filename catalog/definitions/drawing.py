"""Shapes and fields as HTML. They hold each other, which templates do slowly; everything is escaped by format_html."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog.definitions.outlines import Field, Shape

_NOTHING = mark_safe("")


def draw_shape(shape: Shape) -> SafeString:
    """A type: its words, its constraints, and what it is made of below."""
    return format_html("{}{}", _face(shape), _inside(shape))


def draw_fields(fields: Iterable[Field]) -> SafeString:
    """Named parts as a list."""
    rows = format_html_join("", "<li>{}</li>", ((_field(field),) for field in fields))
    return format_html('<ul class="shape-list">{}</ul>', rows) if rows else _NOTHING


def _face(shape: Shape) -> SafeString:
    text = _NOTHING
    if shape.target:
        text = format_html('<a class="shape-type mono" href="#{}">{}</a>', shape.target, shape.text)
    elif shape.text:
        text = format_html('<span class="shape-type mono">{}</span>', shape.text)
    notes = format_html_join("", ' <span class="shape-note">{}</span>', ((note,) for note in shape.notes))
    return format_html("{}{}", text, notes)


def _inside(shape: Shape) -> SafeString:
    inner = draw_fields(shape.fields)
    if shape.parts:
        parts = format_html_join("", "<li>{}</li>", ((draw_shape(part),) for part in shape.parts))
        label = format_html('<span class="shape-note">{}</span>', shape.label) if shape.label else _NOTHING
        inner = format_html('{}{}<ul class="shape-list">{}</ul>', inner, label, parts)
    return inner


def _field(field: Field) -> SafeString:
    signs = [sign for sign, is_on in (("required", field.is_required), ("deprecated", field.is_deprecated)) if is_on]
    words = [*([field.place] if field.place else []), *signs]
    told = format_html_join("", ' <span class="shape-sign">{}</span>', ((word,) for word in words))
    said = format_html('<p class="shape-said">{}</p>', field.description) if field.description else _NOTHING
    name = format_html('<code class="shape-name">{}</code>', field.name)
    return format_html("{} {}{}{}{}", name, _face(field.shape), told, said, _inside(field.shape))
