"""Mappings such as ``{$text: ./openapi.yaml}`` that stand for the content of a file.

Rules: Backstage's placeholder processor. A mapping counts whose only key is a known placeholder; with several keys of
which one begins with ``$``, or an unknown one, it is left as it is with all that is in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from catalog.entities.bundling import bundle
from catalog.entities.locations import resolve_target
from catalog.entities.refs import Entity, LocationRef
from catalog.entities.refusals import Reason, Refusal, path_of
from catalog.entities.storable import check_depth
from portal.lib.errors import Invalid, PortalError
from portal.lib.fetch import parse_source_url
from portal.lib.yaml import load

# Reads a file; raises ``PortalError`` with words for people when it cannot.
Reader: TypeAlias = Callable[[LocationRef], bytes]

_PLACEHOLDERS = frozenset({"$text", "$json", "$yaml", "$openapi", "$asyncapi"})


@dataclass(frozen=True, slots=True)
class Substituted:
    """An entity without placeholders; ``refresh_keys`` are the files that it depends on, as ``type:target``."""

    entity: Entity
    refresh_keys: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def has_placeholders(value: object) -> bool:
    """Whether anything in ``value`` would be replaced, so that it cannot be judged without reading files."""
    if isinstance(value, list):
        return any(map(has_placeholders, value))
    if not isinstance(value, dict):
        return False
    if any(key.startswith("$") for key in value):
        return len(value) == 1 and not _PLACEHOLDERS.isdisjoint(value)
    return any(map(has_placeholders, value.values()))


def substitute(entity: Entity, base: LocationRef, read: Reader) -> Substituted:
    """Replace the placeholders in an entity that was read from ``base``; relative paths are relative to that file.

    What cannot be read or understood is refused, and stays in place.
    """
    work = _Substitution(base, read)
    return Substituted(work.replaced(entity, []), list(work.refresh_keys), work.refusals)


class _Substitution:
    def __init__(self, base: LocationRef, read: Reader) -> None:
        self._base = base
        self._read = read
        self.refresh_keys: dict[str, None] = {}
        self.refusals: list[Refusal] = []

    def replaced(self, value: Any, path: list[str | int]) -> Any:
        if isinstance(value, list):
            return [self.replaced(item, [*path, place]) for place, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if not any(key.startswith("$") for key in value):
            return {key: self.replaced(item, [*path, key]) for key, item in value.items()}
        (name,) = value if len(value) == 1 else ("",)
        return self._resolved(name, value, path) if name in _PLACEHOLDERS else value

    def _resolved(self, name: str, value: dict[str, Any], path: list[str | int]) -> Any:
        target = value[name]
        if not isinstance(target, str):
            message = f"has a {name} without an address; write a path or an address, as in {{{name}: ./openapi.yaml}}"
            self.refusals.append(Refusal(Reason.SCHEMA, path_of(path), message))
            return value
        try:
            location = self._location(target)
            content = self._load(location)
        except PortalError as error:
            self.refusals.append(Refusal(Reason.UNREACHABLE, path_of(path), f"cannot read {target}: {error.detail}"))
            return value
        try:
            return self._understood(name, location, content)
        except PortalError as error:
            self.refusals.append(Refusal(Reason.SCHEMA, path_of(path), f"cannot use {target}: {error.detail}"))
            return value

    def _location(self, target: str) -> LocationRef:
        type_ = "url" if "://" in target else None
        location = resolve_target(target, self._base, type_)
        check_same_repository(location, self._base)
        return location

    def _load(self, location: LocationRef) -> bytes:
        content = self._read(location)
        self.refresh_keys[str(location)] = None
        return content

    def _understood(self, name: str, location: LocationRef, content: bytes) -> Any:
        if name in ("$openapi", "$asyncapi"):
            return bundle(content, location, self._load)
        if name == "$yaml":
            return load(content)
        text = content.decode("utf-8", "replace").replace("\x00", "\ufffd")
        return text if name == "$text" else _json(text)


def check_same_repository(location: LocationRef, base: LocationRef) -> None:
    """Raise ``Invalid`` when both lie in repositories, and not in the same one.

    SECURITY: else anybody who can write a catalog file could read through it what only the catalog may read.
    """
    if not location.type == base.type == "url":
        return
    here, there = parse_source_url(base.target), parse_source_url(location.target)
    if here.repo_url and there.repo_url and here.path and there.path and here.repo_url != there.repo_url:
        raise Invalid("a placeholder may only name files of the repository in which it stands.")


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"it is not JSON: {error}") from error
    check_depth(value)
    return value
