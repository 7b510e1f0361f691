"""How large a repository may be to be read or pushed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one operation: what comes over the wire, what it unpacks to, how many files, how many seconds."""

    max_transfer: int = 200 * 1024 * 1024
    max_bytes: int = 500 * 1024 * 1024
    max_files: int = 50_000
    deadline: float = 120.0


DEFAULT_LIMITS = Limits()
