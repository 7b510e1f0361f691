"""Takes secrets out of what tools say about resources: what the tool marks, what the masker knows, repeated ones."""

from __future__ import annotations

from collections.abc import Iterator

from portal.lib.masking import Masker

HIDDEN = "(sensitive)"
UNKNOWN = "(known after apply)"
# Longer texts of attributes are cut: rendered user data or policies of hundreds of kilobytes help nobody in a list.
LONGEST_TEXT = 10_000
# Sensitive texts are looked for in other places only from this length on; "true" or "admin" stand everywhere.
SHORTEST_REPEAT = 8


def hide(value: object, marks: object) -> object:
    """``value`` with everything replaced that ``marks`` (true, or the same shape with trues in it) calls sensitive."""
    return _overlay(value, marks, HIDDEN)


def reveal_unknown(value: object, marks: object) -> object:
    """``value`` with ``(known after apply)`` wherever ``marks`` says that only the apply will tell."""
    return _overlay(value, marks, UNKNOWN)


def _overlay(value: object, marks: object, text: str) -> object:
    if marks is True:
        return text
    if isinstance(marks, dict) and isinstance(value, dict | None):
        known = value or {}
        marked = {key: _overlay(known.get(key), mark, text) for key, mark in marks.items() if key in known or mark}
        return value if value is None and not marked else {**known, **marked}
    if isinstance(marks, list) and isinstance(value, list):
        return [_overlay(child, mark, text) for child, mark in zip(value, marks, strict=False)] + value[len(marks) :]
    return value


def sensitive_texts(value: object, marks: object) -> Iterator[str]:
    """The texts in ``value`` that ``marks`` calls sensitive and that are long enough to be looked for elsewhere."""
    if marks is True:
        yield from _texts(value)
    elif isinstance(marks, dict) and isinstance(value, dict):
        for key, mark in marks.items():
            yield from sensitive_texts(value.get(key), mark)
    elif isinstance(marks, list) and isinstance(value, list):
        for child, mark in zip(value, marks, strict=False):
            yield from sensitive_texts(child, mark)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) >= SHORTEST_REPEAT:
            yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def cleaned(value: object, marks: object, masker: Masker) -> object:
    """JSON for storage and display: marked parts hidden, known secrets masked, long texts cut."""
    return _shortened(masker.mask_data(hide(value, marks)))


def _shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value) - LONGEST_TEXT} more characters)"
    if isinstance(value, dict):
        return {key: _shortened(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_shortened(child) for child in value]
    return value
