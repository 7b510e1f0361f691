"""One folder of downloaded providers for all runs of a machine, used by one run at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scaffolder.tools.workspaces import Workspace

# OpenTofu before 1.10 and every Terraform say that two ``init`` at once may spoil the cache. Whoever waits longer than
# this downloads for itself.
_WAIT_SECONDS = 120.0
_POLL_SECONDS = 0.1


@contextmanager
def provider_cache(folder: Path | None, workspace: Workspace) -> Iterator[dict[str, str]]:
    """The environment with which ``init`` may use the shared cache; empty where there is none or it stays busy.

    SECURITY: a run could put a forged provider there. OpenTofu takes a provider from the cache only if its checksum is
    in the project's lock file, and ``TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE``, which would change that, is off.
    """
    safe = {"TF_PLUGIN_CACHE_DIR": "", "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": ""}
    if folder is None:
        yield safe
        return
    providers = folder / "providers"
    providers.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "providers.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield {**safe, "TF_PLUGIN_CACHE_DIR": str(providers)} if _take(lock, workspace) else safe
    finally:
        os.close(lock)


def _take(lock: int, workspace: Workspace) -> bool:
    """Take the lock; false where others hold it for too long or the run is to stop."""
    started = time.monotonic()
    while not _try(lock):
        if time.monotonic() - started > _WAIT_SECONDS or workspace.cancelled():
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
