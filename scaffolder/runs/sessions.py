"""One claim on a run while a worker has it: the log, the masker, the heartbeat, and what the tool needs to know."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from portal.jobs.claims import Heartbeat, LostClaim, held
from portal.jobs.logs import LogWriter
from portal.jobs.streams import notify
from portal.lib.masking import Masker
from scaffolder.runs.models import WORKING, Run, RunLog, RunState, RunType
from scaffolder.runs.transitions import By, move, topic_of
from scaffolder.runs.workspaces import RunFolder
from scaffolder.stacks.acting import take_back_tokens, token_for_run
from scaffolder.stacks.models import StackVariable
from scaffolder.stacks.state import issue_credential
from scaffolder.tools.base import Tool, ToolSettings
from scaffolder.tools.outcomes import PlanSummary
from scaffolder.tools.registry import get_tool
from scaffolder.tools.workspaces import StateBackend, Workspace

LOOK_SECONDS = 0.5
LOCK_TIMEOUT_SECONDS = 10
MOST_REASON_CHARACTERS = 2000


@dataclass
class Session:
    """A worker's hold on a run. Everything that it writes is refused once the claim is lost."""

    run: Run
    tool: Tool
    masker: Masker
    log: LogWriter
    heartbeat: Heartbeat
    folder: RunFolder
    variables: list[StackVariable] = field(default_factory=list)
    token: str = ""
    looked_at: float = 0.0

    def move(self, to: RunState, *, note: str = "", **changes: Any) -> None:
        """Change the run's state; the log is stored first. Raises ``LostClaim``."""
        self.log.flush()
        label = self.run.worker
        move(self.run, to, by=By.WORKER, label=label, note=note, **changes)
        self.log.group = self.run.state

    def end(self, to: RunState, reason: str = "", **changes: Any) -> None:
        """Bring the run to an end; what is said about it is masked."""
        said = self.masker.mask(reason)[:MOST_REASON_CHARACTERS]
        if said:
            self.say(said, "error" if to is RunState.FAILED else "")
        self.move(to, note=said, reason=said, **changes)

    def say(self, text: str, level: str = "") -> None:
        """Add a line of our own to the log."""
        self.log.write(self.masker.mask(text), level)

    def cancelled(self) -> str | None:
        """Why to stop now, if somebody asked for it. Raises ``LostClaim`` once the claim is gone."""
        if self.heartbeat.lost.is_set():
            raise LostClaim(f"run {self.run.uid} was taken over")
        now = time.monotonic()
        if self.run.state == RunState.APPLYING or now - self.looked_at < LOOK_SECONDS:
            return None
        self.looked_at = now
        by = Run.objects.filter(pk=self.run.pk).values_list("stop_wanted_by", flat=True).first()
        return f"Stopped by {by}." if by else None

    def workspace(self) -> Workspace:
        """What the tool gets. The password of the state is made anew for each claim."""
        stack = self.run.stack
        return Workspace(
            path=self.folder.checkout,
            private=self.folder.private,
            on_line=self.log.write,
            masker=self.masker,
            project_root=stack.project_root,
            env={
                **_facts(self.run),
                **{row.name: row.value for row in self.variables if row.is_environment},
                **_way_in(self.token),
            },
            variables={row.name: row.value for row in self.variables if not row.is_environment},
            state=self._state() if self.tool.keeps_state else None,
            cancelled=self.cancelled,
            deadline=time.monotonic() + settings.RUN_DEADLINE_SECONDS,
            silence_limit=settings.RUN_SILENCE_SECONDS,
            options=stack.options,
        )

    def _state(self) -> StateBackend:
        stack = self.run.stack
        is_writer = self.run.type != RunType.PROPOSED
        with transaction.atomic():
            if not held(self.run).select_for_update().exists():
                raise LostClaim(f"run {self.run.uid} was taken over")
            user, password = issue_credential(stack=stack, run_uid=self.run.uid, is_writer=is_writer)
        address = settings.BASE_URL + reverse("stack-state", args=[stack.slug])
        return StateBackend(address, address, address, user, password, lock_timeout_seconds=LOCK_TIMEOUT_SECONDS)


def _facts(run: Run) -> dict[str, str]:
    """What code may want to know about the run that runs it."""
    return {
        "CALLBOARD_RUN_ID": str(run.uid),
        "CALLBOARD_RUN_TYPE": run.type,
        "CALLBOARD_STACK": run.stack.slug,
        "CALLBOARD_SPACE": run.stack.space.slug,
        "CALLBOARD_COMMIT": run.commit,
    }


def _way_in(token: str) -> dict[str, str]:
    """How code of a stack that has roles asks the portal; no variable of the stack replaces it."""
    return {"CALLBOARD_API_URL": settings.BASE_URL, "CALLBOARD_API_TOKEN": token} if token else {}


def _token_of(run: Run) -> str:
    """The token of this claim, and none of an earlier one. Previews get none: nobody has looked at their code yet."""
    with transaction.atomic():
        if not held(run).select_for_update().exists():
            raise LostClaim(f"run {run.uid} was taken over")
        take_back_tokens(run.stack_id, run.uid)
        return "" if run.type == RunType.PROPOSED else token_for_run(run.stack, run.uid)


@contextmanager
def opened(run: Run) -> Iterator[Session]:
    """The session of a claimed run. Its folder is gone afterwards, its heartbeat ended, its log stored."""
    variables = list(run.stack.variables.all())
    secrets = [text for row in variables if row.is_secret for text in texts_of(row.value)]
    folder, token = RunFolder.of(run), _token_of(run)
    secrets += [token] if token else []
    with Heartbeat(run) as heartbeat, LogWriter(_storing(run), first=_next_line(run)) as log:
        log.group = run.state
        masker = Masker([*secrets, run.stack.repository_token] if run.stack.repository_token else secrets)
        try:
            yield Session(run, tool_of(run), masker, log, heartbeat, folder, variables, token=token)
        finally:
            if not _is_with_another(run):
                folder.remove()


def _is_with_another(run: Run) -> bool:
    """Whether somebody else works on the run by now, perhaps in the same folder of this machine."""
    return Run.objects.filter(pk=run.pk, state__in=WORKING).exclude(fence=run.fence).exists()


def tool_of(run: Run) -> Tool:
    """The tool of the run's stack as operators configured it; raises ``Invalid`` where it is not there any more."""
    programs = {"opentofu": settings.TOFU_BINARY, "ansible": settings.ANSIBLE_PLAYBOOK_BINARY}
    return get_tool(run.stack.tool, ToolSettings(programs=programs, cache=settings.DATA_DIR / "tools"))


def texts_of(value: object) -> Iterator[str]:
    """Every text in a secret value, and the numbers in it as texts."""
    if isinstance(value, dict):
        for child in value.values():
            yield from texts_of(child)
    elif isinstance(value, list):
        for child in value:
            yield from texts_of(child)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _next_line(run: Run) -> int:
    last = run.log.order_by("-first").first()
    return last.first + last.count if last else 1


def _storing(run: Run) -> Callable[[int, list[list[str]]], None]:
    def store(first: int, lines: list[list[str]]) -> None:
        with transaction.atomic():
            if not held(run).select_for_update().exists():
                raise LostClaim(f"run {run.uid} was taken over")
            RunLog.objects.create(run=run, first=first, count=len(lines), lines=lines)
            notify(topic_of(run))

    return store


def plan_columns(plan: PlanSummary) -> dict[str, Any]:
    """The columns of a run that tell what its plan would do."""
    return {
        "added": plan.added,
        "changed": plan.changed,
        "destroyed": plan.destroyed,
        "changes": [asdict(change) for change in plan.changes],
        "output_changes": dict(plan.output_changes),
    }
