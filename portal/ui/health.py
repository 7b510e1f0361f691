"""Liveness and readiness. Neither needs a sign-in; readiness names what is not ready and nothing else."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything that a request needs is there, else 503; each part with "ok" or what is wrong."""
    parts = state_of_parts()
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)


def state_of_parts() -> dict[str, str]:
    """Each part that a request needs, with "ok" or what is wrong."""
    return {"database": _database(), "migrations": _migrations(), "static": _static()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unknown: the database does not answer"
    return f"{len(plan)} not applied; run manage.py migrate" if plan else "ok"


def _static() -> str:
    hashed = (
        "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]
        or "Hashed" in settings.STORAGES["staticfiles"]["BACKEND"]
    )
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    return "not collected; run manage.py collectstatic" if hashed and not manifest.exists() else "ok"
