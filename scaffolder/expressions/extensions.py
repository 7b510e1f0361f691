"""Filters, functions and values that plug-ins add to the template language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .values import Json

NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED: Final = frozenset({"__proto__", "constructor", "prototype"})
STATUS_FUNCTIONS: Final = frozenset({"always", "failure"})


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of template that shows an extension, with what it gives."""

    example: str
    description: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What people read about a filter or a function.

    ``schema`` holds JSON Schemas: ``input`` (filters only), ``arguments`` (a list) and ``output``.
    """

    description: str = ""
    schema: Mapping[str, Json] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A filter or a global function: a JavaScript function expression of JSON values, run inside the sandbox."""

    source: str
    about: About = About()


@dataclass(frozen=True, slots=True)
class Value:
    """A global value, any JSON."""

    value: Json
    description: str = ""


class Extensions:
    """What is added to the built-in language; filled while the process starts, read by ``Engine``."""

    def __init__(self) -> None:
        self.filters: dict[str, Function] = {}
        self.functions: dict[str, Function] = {}
        self.values: dict[str, Value] = {}

    def add_filter(self, name: str, extension: Function) -> None:
        """Add a filter, used as ``${{ value | name }}``. Raises ValueError for a bad or taken name."""
        _check_name(name, self.filters)
        self.filters[name] = extension

    def add_function(self, name: str, extension: Function) -> None:
        """Add a function, used as ``${{ name(argument) }}``. Raises ValueError for a bad or taken name."""
        _check_name(name, {*self.functions, *self.values, *STATUS_FUNCTIONS})
        self.functions[name] = extension

    def add_value(self, name: str, extension: Value) -> None:
        """Add a value, used as ``${{ name }}``. Raises ValueError for a bad or taken name."""
        _check_name(name, {*self.functions, *self.values, *STATUS_FUNCTIONS})
        self.values[name] = extension


def _check_name(name: str, taken: Mapping[str, object] | set[str]) -> None:
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ValueError(f"{name!r} is no name for a template extension: use letters, digits and _")
    if name in taken:
        raise ValueError(f"There is already a template extension called {name}")


registry = Extensions()
