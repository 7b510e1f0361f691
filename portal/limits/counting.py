"""Take one from a limit, in one statement that all web processes share."""

from __future__ import annotations

import hashlib
import logging
import math
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from portal.limits.errors import TooManyRequests

log = logging.getLogger("portal.limits")

# One row comes back where the try is within the limit; none, and nothing is changed, where it is not.
_TAKE = """
    INSERT INTO limits_bucket AS held (key, free_at)
        VALUES (%(key)s, clock_timestamp() + %(step)s * interval '1 second')
    ON CONFLICT (key) DO UPDATE
        SET free_at = greatest(held.free_at, clock_timestamp()) + %(step)s * interval '1 second'
        WHERE greatest(held.free_at, clock_timestamp()) + %(step)s * interval '1 second'
            <= clock_timestamp() + %(seconds)s * interval '1 second'
    RETURNING 1
"""
_WAIT = "SELECT extract(epoch FROM free_at - clock_timestamp()) FROM limits_bucket WHERE key = %s"
_GIVE_BACK = "UPDATE limits_bucket SET free_at = free_at - %s * interval '1 second' WHERE key = %s"


@dataclass(frozen=True)
class Limit:
    """So many tries within so many seconds; tries come back one by one."""

    tries: int
    seconds: int

    @property
    def step(self) -> float:
        """Seconds until one try comes back."""
        return self.seconds / self.tries


def limit_named(name: str) -> Limit | None:
    """The limit of ``settings.LIMITS``; None where operators switched it off with 0 tries."""
    tries, seconds = settings.LIMITS[name]
    return Limit(tries, seconds) if tries else None


def take(name: str, who: object) -> None:
    """Count one try of ``who`` against the limit ``name``. Raises ``TooManyRequests`` where none is left.

    ``who`` is an address, an account or a caller; nothing of it is stored in plain.
    """
    limit = limit_named(name)
    if limit is None or who in (None, ""):
        return
    wait = _seconds_to_wait(limit, _key(name, who))
    if wait:
        log.warning("limit reached", extra={"limit": name, "wait": wait})
        raise TooManyRequests(f"Too many tries. Try again in {_in_words(wait)}.", retry_after=wait)


def give_back(name: str, who: object) -> None:
    """Take one try back: it was a good one."""
    limit = limit_named(name)
    if limit is None or who in (None, ""):
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [limit.step, _key(name, who)])
    except DatabaseError:
        log.exception("the limits can not be counted")


def _seconds_to_wait(limit: Limit, key: str) -> int:
    """0 where the try was counted, else after how many seconds there is one again."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_TAKE, {"key": key, "step": limit.step, "seconds": limit.seconds})
            if cursor.fetchone():
                return 0
            cursor.execute(_WAIT, [key])
            row = cursor.fetchone()
    except DatabaseError:
        # SECURITY: counters that do not answer lock nobody out; the log says so, and every other check still holds.
        log.exception("the limits can not be counted")
        return 0
    ahead = float(row[0]) if row else 0.0
    return max(1, math.ceil(ahead + limit.step - limit.seconds))


def _key(name: str, who: object) -> str:
    return hashlib.sha256(f"{name}\n{who}".encode()).hexdigest()


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds" if seconds > 1 else "a second"
    return f"{math.ceil(seconds / 60)} minutes"


def clear_old() -> int:
    """Forget the counters whose tries are all forgotten anyway. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM limits_bucket WHERE free_at < now()")
        return int(cursor.rowcount)
