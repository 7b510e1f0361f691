"""The values that go in and out of expressions, and how they travel as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from portal.lib.errors import Invalid

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class Undefined(Enum):
    """The one value that JSON has no word for: what an expression gives that finds nothing."""

    UNDEFINED = "undefined"


UNDEFINED: Final = Undefined.UNDEFINED


@dataclass(frozen=True, slots=True)
class TemplateWarning:
    """An expression that failed, and whose text was therefore left as it stands."""

    path: tuple[str | int, ...]
    message: str
    line: int | None
    column: int | None

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path)
        return f"{where}: {self.message}" if where else self.message


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered value with the warnings that its expressions gave."""

    value: Json | Undefined
    warnings: tuple[TemplateWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """The answer to an ``if``: does it hold, and did it ask ``always()`` or ``failure()``."""

    holds: bool
    asks_status: bool = False
    warnings: tuple[TemplateWarning, ...] = ()


def is_truthy(value: Json | Undefined) -> bool:
    """Say whether Backstage takes a rendered value for true.

    False are ``false``, ``null``, ``0``, ``""``, ``[]`` and undefined; ``{}`` and ``"false"`` are true.
    """
    return True if isinstance(value, dict) else value is not UNDEFINED and bool(value)


def to_json(value: object, name: str) -> str:
    """Write a value as JSON, with ``null`` for numbers that JSON does not know; ``name`` says in errors what it is."""
    try:
        return json.dumps(value, allow_nan=False)
    except TypeError as error:
        raise Invalid(f"The {name} cannot be written as JSON: {error}") from error
    except (ValueError, RecursionError):
        return _to_json_of_finite(value, name)


def _to_json_of_finite(value: object, name: str) -> str:
    try:
        return json.dumps(_without_infinities(value))
    except RecursionError as error:
        raise Invalid(f"The {name} is nested too deeply or contains itself") from error


def _without_infinities(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_without_infinities(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_infinities(item) for key, item in value.items()}
    return value
