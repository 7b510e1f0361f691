"""Names of form controls: the path of a value as text, and back.

A path is joined with dots. The characters that have a meaning in a name (``~``, ``.`` and ``:``) are escaped in keys,
so every path has exactly one name. A control that is only a part of a field adds ``:part``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

ESCAPES: Final = (("~", "~0"), (".", "~1"), (":", "~2"), ("\0", "~3"))
MORE: Final = "\0more"
"""Stands in a path for the entries that an object has beside its named properties."""


def name_of(path: Sequence[str | int], part: str = "") -> str:
    """Write a path as the name of a control, or of one part of it."""
    name = ".".join(_escape(str(key)) for key in path)
    return f"{name}:{part}" if part else name


def path_of(name: str) -> tuple[tuple[str, ...], str]:
    """Read a name back: the keys as text, and the part or ``""``."""
    whole, _, part = name.partition(":")
    return tuple(_unescape(key) for key in whole.split(".")) if whole else (), part


def _escape(key: str) -> str:
    for plain, escaped in ESCAPES:
        key = key.replace(plain, escaped)
    return key


def _unescape(key: str) -> str:
    for plain, escaped in reversed(ESCAPES):
        key = key.replace(escaped, plain)
    return key
