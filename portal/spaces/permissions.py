"""The catalogue of everything that can be permitted: ``subject:verb`` names, each in words, each in its least role.

Every app declares its own names as a StrEnum and registers them in ``AppConfig.ready()``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

READER, WRITER, ADMIN = "reader", "writer", "admin"
LEVELS = (READER, WRITER, ADMIN)


class Permission(StrEnum):
    """What the portal itself permits."""

    AUDIT_READ = "audit:read"
    BINDING_MANAGE = "binding:manage"
    GROUP_MANAGE = "group:manage"
    ROLE_MANAGE = "role:manage"
    SPACE_CREATE = "space:create"
    SPACE_DELETE = "space:delete"
    SPACE_READ = "space:read"
    SPACE_UPDATE = "space:update"
    USER_MANAGE = "user:manage"


@dataclass(frozen=True)
class Declared:
    """One permission: its name, the least system role that has it, and what it allows, in words."""

    name: str
    level: str
    words: str


_catalogue: dict[str, Declared] = {}


def declare(rows: Iterable[tuple[str, str, str]]) -> None:
    """Add (name, least system role, words) rows; a name can be declared once with one meaning."""
    for name, level, words in rows:
        if level not in LEVELS:
            raise ValueError(f"{name}: {level!r} is not one of {LEVELS}")
        row = Declared(str(name), level, words)
        if _catalogue.setdefault(row.name, row) != row:
            raise ValueError(f"permission {name} is declared twice")


def catalogue() -> list[Declared]:
    """All declared permissions by name."""
    return [_catalogue[name] for name in sorted(_catalogue)]


def words_for(name: str) -> str:
    """What a permission allows, in words; the name itself where nobody declared it."""
    row = _catalogue.get(name)
    return row.words if row else name


def is_reading(name: str) -> bool:
    """Readers have it; such permissions also flow up to the parent of an inheriting space."""
    row = _catalogue.get(name)
    return row is not None and row.level == READER


def permissions_of(level: str) -> list[str]:
    """Names that the system role ``level`` has: its own and those of the roles below it."""
    allowed = LEVELS[: LEVELS.index(level) + 1]
    return [row.name for row in catalogue() if row.level in allowed]
