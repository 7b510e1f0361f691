"""Claiming rows, keeping the claim alive, and noticing that it was lost."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections, models
from django.db.models import F, QuerySet
from django.utils import timezone

from portal.jobs.models import Claimable

C = TypeVar("C", bound=Claimable)


class LostClaim(Exception):
    """Another worker, or the reaper, took the row over: stop, and write nothing more."""


def worker_name() -> str:
    """Which process on which machine is working."""
    return f"{socket.gethostname()}:{os.getpid()}"


def lease_end() -> Any:
    """When a lease that is taken or renewed now ends."""
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def claim(model: type[C], pk: Any, states: Iterable[str], *, to: str | None = None) -> C | None:
    """Take the row if it is in one of ``states`` and nobody holds it; None where it is not to be had.

    ``to`` moves it to that state in the same statement, so that a doubled message finds nothing left to do.
    """
    changes: dict[str, Any] = {"fence": F("fence") + 1, "worker": worker_name(), "lease_until": lease_end()}
    if to is not None:
        changes |= {"state": to, "version": F("version") + 1}
    free = model._default_manager.filter(pk=pk, state__in=list(states)).filter(
        models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=timezone.now())
    )
    return model._default_manager.get(pk=pk) if free.update(**changes) else None


def held(row: Claimable) -> QuerySet[Any]:
    """The row as a queryset, as long as this worker's claim on it stands."""
    return type(row)._default_manager.filter(pk=row.pk, fence=row.fence)


def renew(row: Claimable) -> None:
    """Extend the lease; raises ``LostClaim`` where the fence has moved on."""
    if not held(row).filter(lease_until__isnull=False).update(lease_until=lease_end()):
        raise LostClaim(f"{row} was taken over")


class Heartbeat:
    """Renews a claim from a thread while the block runs. ``lost`` is set when the claim is gone."""

    def __init__(self, row: Claimable) -> None:
        self.row = row
        self.lost = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name=f"heartbeat-{row.pk}")

    def _beat(self) -> None:
        while not self._stop.wait(settings.HEARTBEAT_SECONDS):
            try:
                renew(self.row)
            except LostClaim:
                self.lost.set()
                return
            finally:
                close_old_connections()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
