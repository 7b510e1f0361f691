"""Named reads of runs and their logs, each by the rights of who asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet

from portal.accounts.subjects import Subject
from portal.jobs.logs import LogLine, lines_of
from portal.lib.errors import NotFound
from portal.spaces import access
from scaffolder.runs.models import Run, RunLog
from scaffolder.runs.policies import Permission

LINES_AT_ONCE = 5000


def runs_for(subject: Subject) -> QuerySet[Run]:
    """The runs that ``subject`` may see, newest first, without what is large."""
    rows = Run.objects.select_related("stack", "stack__space", "triggered_by")
    return access.visible_to(subject, rows.defer("archive", "changes", "output_values", "stack__bundle"))


def get_run_for(subject: Subject, uid: Any, permission: str = Permission.RUN_READ) -> Run:
    """One run by its uid, with the right to ``permission`` on it."""
    try:
        found = uuid.UUID(str(uid))
    except ValueError as error:
        raise NotFound("There is no such run, or you may not see it.") from error
    rows = Run.objects.select_related("stack", "stack__space", "triggered_by").defer("archive", "stack__bundle")
    return access.get_for(subject, rows, permission, uid=found)


def log_after(run: Run, after: int = 0) -> list[LogLine]:
    """The next lines of a run's log behind line number ``after``, at most about ``LINES_AT_ONCE`` of them."""
    batches = RunLog.objects.filter(run=run, first__gt=after - F("count")).order_by("first")
    return list(lines_of(_some(batches), after))


def _some(batches: QuerySet[RunLog]) -> Iterator[RunLog]:
    count = 0
    for batch in batches.iterator(chunk_size=50):
        yield batch
        count += batch.count
        if count >= LINES_AT_ONCE:
            return


def whole_log(run: Run) -> Iterator[str]:
    """The log as text, a line at a time."""
    group = ""
    for line in lines_of(run.log.order_by("first").iterator(chunk_size=50)):
        if line.group != group:
            group = line.group
            yield f"== {group}\n"
        at = line.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if line.at else ""
        yield f"{at} {line.text}\n"
