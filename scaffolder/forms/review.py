"""What a person reads before they submit: one row for each value, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .names import Path, name_of
from .resolve import Resolver
from .schemas import PageSchema
from .ui import Schema, hint, label_of
from .widgets import Widget, enum_of, text_of, widget_of

MASK: Final = "******"
WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One line of the review: the page it is from, the field's name and label, and the value as it may be shown."""

    page: int
    name: str
    label: str
    value: str


def review(
    values: Mapping[str, Any], pages: Sequence[PageSchema], secrets: Collection[str] = frozenset()
) -> list[ReviewRow]:
    """List the values as Backstage's review does, page by page in the order of the form, then those of no page.

    ``ui:backstage.review`` of a field may name it, mask it, hide it (``show: false``) or keep a group in one row
    (``explode: false``). Passwords and secrets are masked. ``secrets`` are the names of those that were entered.
    """
    rows: list[ReviewRow] = []
    known: set[str] = set()
    for page in pages:
        resolver = Resolver(page.schema)
        active = resolver.active(page.schema, dict(values))
        for key in active.ordered():
            if key in known or not (key in values or key in secrets):
                continue
            known.add(key)
            rows += _rows(resolver, page.number, active.properties[key], values.get(key), (key,))
    left = (key for key in values if key not in known)
    return rows + [ReviewRow(0, name_of((key,)), start_case((key,)), show_value(values[key])) for key in left]


def _rows(resolver: Resolver, page: int, schema: Schema, value: Any, path: Path) -> Iterator[ReviewRow]:
    settled = resolver.settle(schema)
    wishes = _wishes(settled)
    label = str(wishes.get("name") or label_of(settled) or start_case(path))
    masked = _mask(settled, wishes)
    if not masked and wishes.get("show") is False:
        return
    if masked or not isinstance(value, dict) or wishes.get("explode") is False:
        yield ReviewRow(page, name_of(path), label, masked or _shown(settled, value))
        return
    active = resolver.active(settled, value, path)
    for key, item in value.items():
        yield from _rows(resolver, page, active.properties.get(key, {}), item, (*path, key))


def _wishes(schema: Schema) -> Schema:
    backstage = schema.get("ui:backstage")
    wishes = backstage.get("review") if isinstance(backstage, dict) else None
    return wishes if isinstance(wishes, dict) else {}


def _mask(schema: Schema, wishes: Schema) -> str:
    mask = wishes.get("mask")
    if mask:
        return mask if isinstance(mask, str) else MASK
    is_secret = widget_of(schema) is Widget.SECRET or hint(schema, "widget") == "password"
    return MASK if is_secret or schema.get("format") == "password" else ""


def _shown(schema: Schema, value: Any) -> str:
    labels = {text_of(allowed): label for allowed, label in enum_of(schema)}
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, dict):
        return ", ".join(_shown(items, item) for item in value)
    return labels.get(text_of(value)) or show_value(value)


def show_value(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(show_value, value))
    return text_of(value)


def start_case(path: Path) -> str:
    """``repoUrl`` as ``Repo Url``; the parts of a path with ``>`` between."""
    return " > ".join(_words(str(part)) for part in path)


def _words(text: str) -> str:
    return " ".join(word[0].upper() + word[1:] for word in WORD.findall(text)) or text
