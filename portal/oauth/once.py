"""Codes and refresh tokens are good once, whoever comes at the same moment. The cache remembers what was used.

Sources: RFC 6749 section 4.1.2 (codes) and RFC 9700 section 4.14 (a refresh token that comes back was stolen).
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache

# Longer than any code lives, and as long as a thief would try a refresh token first.
_REMEMBERED = 24 * 3600


def _key(proof: str) -> str:
    return f"oauth-used:{hashlib.sha256(proof.encode()).hexdigest()}"


def use(proof: str, user_id: int, client_id: str) -> bool:
    """Note that ``proof`` was turned into tokens. False where it had been before."""
    return bool(cache.add(_key(proof), [user_id, client_id], _REMEMBERED))


def used_by(proof: str) -> tuple[int, str] | None:
    """Whose tokens ``proof`` became, if it was used before: (user, client)."""
    found = cache.get(_key(proof))
    return (found[0], found[1]) if found else None
