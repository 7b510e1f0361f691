"""References that people type into entity pickers, completed as Backstage's pickers complete them."""

from __future__ import annotations

from typing import Any

from .pickers import picker_of
from .ui import Schema


def whole_references(value: Any, schema: Schema) -> Any:
    """Complete one reference or a list of them; what is no reference stays as it was typed."""
    if isinstance(value, list):
        return list(dict.fromkeys(whole_references(item, schema) for item in value))
    picker = picker_of(schema)
    if not isinstance(value, str) or picker is None:
        return value
    return whole_reference(value.strip(), picker.default_kind, picker.default_namespace)


def whole_reference(text: str, default_kind: str = "", default_namespace: str = "") -> str:
    """Write ``[kind:][namespace/]name`` out in lower case; a text that lacks a part stays as it is."""
    slash, colon = text.find("/"), text.find(":")
    if slash != -1 and slash < colon:
        colon = -1
    kind = text[:colon] if colon != -1 else default_kind
    namespace = text[colon + 1 : slash] if slash != -1 else default_namespace or "default"
    name = text[max(colon, slash) + 1 :]
    return f"{kind}:{namespace}/{name}".lower() if kind and namespace and name else text
