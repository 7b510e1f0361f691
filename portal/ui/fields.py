"""A form field that is not Django's: what pages with computed forms (blueprints, variables) give to ``form_field``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "text", "email", "url", "password", "number", "date", "datetime-local", "search", "hidden", "file", "color",
    "textarea", "code", "select", "multiselect", "radio", "checkboxes", "checkbox", "static",
)  # fmt: skip


@dataclass
class PlainField:
    """One field: name, label, how it is asked for (``kind``, one of ``KINDS``), what stands in it, what is wrong.

    ``value`` is a list for ``multiselect`` and ``checkboxes`` and a bool for ``checkbox``. ``choices`` are
    (value, label) pairs. ``attributes`` are further HTML attributes, such as ``{"hx-get": …, "list": …, "min": 1}``.
    """

    name: str
    label: str
    kind: str = "text"
    value: Any = ""
    help: str = ""
    errors: Sequence[str] = ()
    is_required: bool = False
    is_disabled: bool = False
    placeholder: str = ""
    choices: Sequence[tuple[Any, str]] = ()
    suggestions: Sequence[str] = ()
    rows: int = 4
    attributes: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""

    def __post_init__(self) -> None:
        """Refuse kinds that nobody draws."""
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not one of {', '.join(KINDS)}")
        self.id = self.id or f"id_{self.name}"
