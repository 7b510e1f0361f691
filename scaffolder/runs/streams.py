"""What a run's page shows live: the lines of its log, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from portal.accounts.middleware import subject_of
from portal.accounts.subjects import refreshed
from portal.jobs.logs import LogLine
from portal.jobs.streams import END, Message, News, Reader
from portal.ui.components.texts import log_group, log_line
from scaffolder.runs.models import Run, RunState, RunType
from scaffolder.runs.queries import get_run_for, log_after


def lines_html(lines: Iterable[LogLine], group: str = "") -> SafeString:
    """Lines as rows of the log, with a heading where another phase begins; ``group`` is that of the line before."""
    return mark_safe("".join(_rows(lines, group)))  # noqa: S308 - made of safe parts


def _rows(lines: Iterable[LogLine], group: str) -> Iterator[str]:
    for line in lines:
        if line.group != group:
            group = line.group
            yield log_group(group.capitalize())
        yield log_line(line.text, line.number, line.at, line.level)


def log_reader(request: HttpRequest, uid: str) -> Reader:
    """Reads the lines behind a cursor, which is the number of a line."""

    def read(cursor: str) -> News:
        run = get_run_for(refreshed(subject_of(request)), uid)
        after = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 10 else 0
        # The line before tells whether a heading is due.
        found = log_after(run, max(after - 1, 0))
        before = found[0].group if found and after else ""
        lines = [line for line in found if line.number > after]
        if not lines:
            return News([END], is_last=True) if run.has_ended else News()
        last = str(lines[-1].number)
        return News([Message("line", lines_html(lines, before), last)], cursor=last)

    return read


def standing_reader(request: HttpRequest, uid: str, draw: Callable[[HttpRequest, Run], str]) -> Reader:
    """Draws where the run stands whenever that has changed; the cursor is its version."""

    def read(cursor: str) -> News:
        run = get_run_for(refreshed(subject_of(request)), uid)
        seen = standing_cursor(run)
        messages = [] if seen == cursor else [Message("standing", draw(request, run), seen)]
        return News([*messages, END] if run.has_ended else messages, cursor=seen, is_last=run.has_ended)

    return read


def standing_cursor(run: Run) -> str:
    """Changes whenever what the page says about the run does."""
    return f"{run.version}{'s' if run.stop_wanted_by else ''}"


def phases_of(run: Run) -> list[dict[str, object]]:
    """The run's way so far, and what lies ahead of it, for the stepper."""
    history = list(run.history.all())
    took = {before.pk: after.at - before.at for before, after in pairwise(history)}
    rows: list[dict[str, object]] = [
        {"label": row.get_state_display(), "state": "done", "detail": _seconds(took.get(row.pk))} for row in history
    ]
    if rows:
        rows[-1] |= {"state": run.state, "current": True, "detail": ""}
    return rows + [{"label": str(state.label), "state": "later"} for state in ahead_of(run)]


def _seconds(took: object) -> str:
    seconds = getattr(took, "total_seconds", lambda: 0.0)()
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def ahead_of(run: Run) -> list[RunState]:
    """The states that a run without surprises still goes through."""
    way = [RunState.QUEUED, RunState.PREPARING, RunState.INITIALIZING, RunState.PLANNING]
    if run.type != RunType.PROPOSED:
        is_asked = run.type == RunType.DESTROY or not run.stack.is_autodeployed
        way += [RunState.UNCONFIRMED, RunState.CONFIRMED, RunState.APPLYING] if is_asked else [RunState.APPLYING]
    way.append(RunState.FINISHED)
    return [] if run.state not in way else list(way[way.index(RunState(run.state)) + 1 :])
