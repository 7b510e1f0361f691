"""References: how one entity names another, and how a location names its target.

Rules: Backstage's ``parseEntityRef``, ``stringifyEntityRef`` and ``parseLocationRef``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from portal.lib.errors import Invalid

Entity: TypeAlias = dict[str, Any]

DEFAULT_NAMESPACE = "default"
# Browsers run such an address when it is clicked, with blanks and line ends among the letters too.
_SCRIPT_ADDRESS = re.compile(r"[\x00-\x20]*" + r"[\r\n\t]*".join("javascript") + r"[\r\n\t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EntityRef:
    """Kind, namespace and name as they were written; ``str()`` is the canonical form, which is all lower case."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def parse(
        cls, text: str, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
    ) -> EntityRef:
        """Read ``[kind:][namespace/]name``; what is missing comes from the defaults.

        A colon behind the first slash belongs to the name. Raises ``Invalid`` for an empty part, and for a missing
        kind where there is no default one.
        """
        head, slash, tail = text.partition("/")
        kind, colon, rest = (head if slash else text).partition(":")
        if not colon:
            kind, rest = "", head
        namespace, name = (rest, tail) if slash else ("", rest)
        if not name or (colon and not kind) or (slash and not namespace):
            raise Invalid(
                f'The entity reference "{text}" must have the form [kind:][namespace/]name, with no part empty.'
            )
        kind = kind or default_kind or ""
        if not kind:
            raise Invalid(f'The entity reference "{text}" names no kind; write for example "component:{text}".')
        return cls(kind, namespace or default_namespace or DEFAULT_NAMESPACE, name)

    @classmethod
    def of(cls, entity: Mapping[str, Any]) -> EntityRef:
        """The reference of an entity that has at least a kind and a name."""
        metadata = entity["metadata"]
        return cls(entity["kind"], metadata.get("namespace") or DEFAULT_NAMESPACE, metadata["name"])

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}".lower()


@dataclass(frozen=True, slots=True)
class LocationRef:
    """A type such as ``url`` or ``file`` and what it points at; ``str()`` is ``type:target``."""

    type: str
    target: str

    @classmethod
    def parse(cls, text: str) -> LocationRef:
        """Read ``type:target``; blanks around both are dropped.

        Raises ``Invalid`` when a part is missing, for an address without ``url:`` before it, and for ``javascript:``.
        """
        type_, _colon, target = (part.strip() for part in text.partition(":"))
        if not type_ or not target:
            raise Invalid(f'The location "{text}" must have the form type:target, for example url:https://host/path.')
        if type_ in ("http", "https"):
            raise Invalid(f'The location "{text}" needs a type before the address: url:{text}')
        return cls(type_, check_target(target))

    def __str__(self) -> str:
        return f"{self.type}:{self.target}"


def check_target(target: str) -> str:
    """``target`` itself; raises ``Invalid`` when it is an address that would run in a browser."""
    if is_script_address(target):
        raise Invalid(f'The location target "{target}" is a javascript: address, which is not allowed.')
    return target


def is_script_address(text: str) -> bool:
    """Whether a browser would run ``text`` as JavaScript when it is followed as a link."""
    return _SCRIPT_ADDRESS.match(text) is not None
