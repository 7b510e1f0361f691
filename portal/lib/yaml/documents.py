"""What a reader of YAML is told: documents with their values, or what is wrong with them and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Yaml: TypeAlias = "bool | int | float | str | list[Yaml] | dict[str, Yaml] | None"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one text may ask of the reader; what exceeds them is refused before it costs anything.

    ``nodes`` counts every value of the text once; ``expanded`` counts the values that aliases repeat.
    """

    size: int = 5 * 1024 * 1024
    depth: int = 100
    nodes: int = 1_000_000
    expanded: int = 100_000
    documents: int = 10_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document cannot be read; lines and columns count from 1. ``exceeds`` tells a limit from a mistake."""

    line: int
    column: int
    message: str
    exceeds: bool = False

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a text: ``index`` counts from 0 over all of them, empty ones (value ``None``) included.

    ``line`` is where its content begins. ``value`` means nothing when there is an ``error``.
    """

    index: int
    line: int
    value: Yaml
    error: Problem | None = None
