"""The options of a control: allowed values, or what the portal suggests for a picker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .fields import Option, Picker, Suggest
from .ui import Schema, hint
from .widgets import options_of, text_of

BLANK = Option("", "")


def allowed_options(schema: Schema, value: Any, *, several: bool, blank: bool) -> tuple[Option, ...]:
    """The allowed values of a field, or of the entries of a list; ``blank`` puts an empty option first."""
    chosen = value if several and isinstance(value, list) else [value]
    disabled = hint(schema, "enumDisabled", [])
    found = [
        Option(text, label, selected=_is_in(allowed, chosen), disabled=_is_in(allowed, disabled))
        for text, allowed, label in options_of(schema)
    ]
    return (BLANK, *found) if blank and BLANK.value not in (option.value for option in found) else tuple(found)


def _is_in(value: Any, values: list[Any]) -> bool:
    """Like ``in``, where true is not 1."""
    return any(type(value) is type(other) and value == other for other in values)


def suggested_options(picker: Picker, suggest: Suggest, value: Any) -> tuple[Option, ...]:
    """What the portal suggests for a picker, with what is picked now marked and never lost."""
    chosen = [text_of(item) for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
    excluded = picker.settings.get("excludedOwners") or ()
    found = [option for option in suggest(picker) if option.value not in excluded]
    marked = [replace(option, selected=option.value in chosen) for option in found]
    offered = {option.value for option in found}
    if picker.allows_others or not found:
        marked += [Option(text, text, selected=True) for text in chosen if text not in offered]
    return tuple(marked)


def only_one(options: Sequence[Option]) -> bool:
    """Whether there is nothing to decide."""
    return len(options) == 1
