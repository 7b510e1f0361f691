"""Everything that happens by the clock. Each entry expires before its next turn, so that none pile up."""

from __future__ import annotations

from typing import Any

from django.conf import settings

# Short work that must not wait behind tasks: those may take hours, and it is what frees them when a worker dies.
KEEPING = "keeping"


def every(seconds: float, task: str, *, queue: str = "default") -> dict[str, Any]:
    """One entry: ``task`` each ``seconds`` seconds."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds, "queue": queue}}


def schedule() -> dict[str, dict[str, Any]]:
    """All entries by name; tasks of upper packages are named as strings only."""
    return {
        "reap tasks": every(settings.REAPER_SECONDS, "scaffolder.tasks.reap", queue=KEEPING),
        "read due locations": every(10, "catalog.ingestion.read_due"),
        "read due providers": every(10, "catalog.providers.read_due"),
        "forget old deliveries": every(24 * 3600, "catalog.providers.forget_deliveries", queue=KEEPING),
        "seal the audit trail": every(10, "portal.audit.seal", queue=KEEPING),
        "prune the audit trail": every(24 * 3600, "portal.audit.prune", queue=KEEPING),
        "remove old samples of login policies": every(3600, "portal.login_policies.remove_old_samples", queue=KEEPING),
        "remove old tokens of CI jobs": every(3600, "portal.workloads.remove_old_tokens", queue=KEEPING),
        "remove expired bindings": every(60, "portal.spaces.remove_expired_bindings", queue=KEEPING),
        "renew signing keys": every(6 * 3600, "portal.oauth.tend", queue=KEEPING),
        "clear expired sessions": every(3600, "portal.sessions.clear_expired", queue=KEEPING),
        "clear old counters of limits": every(3600, "portal.limits.clear_old", queue=KEEPING),
        "reap runs": every(settings.REAPER_SECONDS, "scaffolder.runs.reap", queue=KEEPING),
    }
