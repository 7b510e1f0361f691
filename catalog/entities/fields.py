"""The ``fields`` parameter: which parts of an entity an answer carries.

Rules: Backstage's projection. Paths are split at dots, and parts are joined again until a key fits, so that keys with
dots can be named; what is not there is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from itertools import pairwise
from typing import Any, Final

from catalog.entities.refs import Entity
from portal.lib.errors import Invalid

_MISSING: Final = object()
Projection = Callable[[Entity], Entity]


def parse_fields(values: Iterable[str]) -> Projection | None:
    """A function that keeps the named fields of an entity, or ``None`` when none is named.

    ``values`` are the repeated parameters, each a list with commas. Raises ``Invalid`` for an empty parameter alone and
    for brackets.
    """
    written = list(values)
    if written == [""]:
        raise Invalid("Empty value found for query parameter 'fields'")
    fields = list(dict.fromkeys(field for value in written for part in value.split(",") if (field := part.strip())))
    for field in fields:
        if "[" in field:
            raise Invalid(f'Invalid field "{field}", array type fields are not supported')
    return (lambda entity: project(entity, fields)) if fields else None


def project(entity: Entity, fields: Iterable[str]) -> Entity:
    """The parts of ``entity`` that ``fields`` name, in a new mapping; the parts themselves are shared."""
    projected: Entity = {}
    for field in fields:
        path, value = _found(entity, field)
        if value is not _MISSING:
            _put(projected, path, value)
    return projected


def _found(entity: Entity, field: str) -> tuple[list[str | int], Any]:
    here: Any = entity
    path: list[str | int] = []
    waiting = ""
    for part in field.split("."):
        waiting = f"{waiting}.{part}" if waiting else part
        key = _key_in(here, waiting)
        if key is not None:
            path.append(key)
            here, waiting = here[key], ""
    return path, _MISSING if waiting else here


def _key_in(container: Any, key: str) -> str | int | None:
    if isinstance(container, dict):
        return key if key in container else None
    if isinstance(container, list) and key.isascii() and key.isdigit() and int(key) < len(container):
        return int(key)
    return None


def _put(target: Entity, path: list[str | int], value: Any) -> None:
    here: Any = target
    for key, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        inner = here[key] if _has(here, key) else None
        # NOTE: what was put before is shared with the entity, so it is copied before anything is put into it.
        inner = copy(inner) if isinstance(inner, type(empty)) else empty
        _set(here, key, inner)
        here = inner
    _set(here, path[-1], value)


def _has(container: Any, key: str | int) -> bool:
    return key < len(container) if isinstance(key, int) else key in container


def _set(container: Any, key: str | int, value: Any) -> None:
    if isinstance(key, int):
        container.extend([None] * (key + 1 - len(container)))
    container[key] = value
