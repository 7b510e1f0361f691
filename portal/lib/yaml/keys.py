"""Keys of mappings are texts, as in JSON; what YAML allows beyond that is written as text."""

from __future__ import annotations

import json
import re

from portal.lib.yaml.documents import Yaml
from portal.lib.yaml.scalars import number_text, plain_value

_NEEDS_QUOTES = re.compile(
    r"""[\[\]{},]|^[\n\t #&*!|>'"%@`]|^[?-]$|^[?-][ \t]|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :-]$"""
)


def key_text(value: Yaml) -> str:
    """The text of a key that is not one; null is the empty text.

    A collection is written in brackets: the list item ``{{ name }}`` is a mapping with the key ``{ name }``.
    """
    return "" if value is None else _flow_text(value)


def _flow_text(value: Yaml) -> str:
    if isinstance(value, list):
        return f"[ {', '.join(map(_flow_text, value))} ]" if value else "[]"
    if isinstance(value, dict):
        return f"{{ {', '.join(_flow_pair(*pair) for pair in value.items())} }}" if value else "{}"
    if isinstance(value, str):
        return _quoted(value) if _NEEDS_QUOTES.search(value) or not isinstance(plain_value(value), str) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else number_text(value)


def _flow_pair(key: str, value: Yaml) -> str:
    return _flow_text(key) if value is None else f"{_flow_text(key)}: {_flow_text(value)}"


def _quoted(text: str) -> str:
    if '"' in text and "'" not in text and "\n" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
