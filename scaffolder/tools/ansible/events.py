"""Reads what the callback plugin wrote into plan, resources, outputs and reasons.

SECURITY: the tasks of a playbook can write to that file too, so nothing in it is taken for granted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from portal.lib.masking import Masker
from scaffolder.tools.outcomes import (
    Action,
    Change,
    Diagnostic,
    Output,
    PlanSummary,
    ResourceRecord,
    ResourceStatus,
)
from scaffolder.tools.sanitize import cleaned

PROVIDER = "ansible"
# Modules that look, compute or talk, but leave nothing standing.
# fmt: off
_LEAVES_NOTHING = frozenset({
    "add_host", "assert", "async_status", "debug", "fail", "find", "gather_facts", "getent", "group_by",
    "import_playbook", "import_role", "import_tasks", "include_role", "include_tasks", "include_vars", "meta",
    "package_facts", "pause", "ping", "service_facts", "set_fact", "set_stats", "setup", "slurp", "stat",
    "validate_argument_spec", "wait_for", "wait_for_connection",
})
# fmt: on
_MOST_EVENTS = 100_000
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """What happened to one task on one host."""

    status: str
    host: str
    role: str
    task: str
    action: str
    path: str
    playbook: str = ""
    changed: bool = False
    conditional: bool = False
    message: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    diffs: tuple[Mapping[str, Any], ...] = ()
    address: str = ""

    @property
    def leaves_something(self) -> bool:
        """Whether its module manages a thing, rather than looking at one."""
        return self.action.removeprefix("ansible.builtin.") not in _LEAVES_NOTHING


@dataclass(frozen=True, slots=True)
class Events:
    """All that one ``ansible-playbook`` reported."""

    tasks: tuple[TaskEvent, ...] = ()
    stats: Mapping[str, Any] = field(default_factory=dict)


def read_events(path: Path, project: Path) -> Events:
    """The events in the file; empty where there is none. Lines that are not events are left out."""
    tasks: list[TaskEvent] = []
    stats: Mapping[str, Any] = {}
    for row in _rows(path):
        if row.get("event") == "task":
            tasks.append(_task(row, project))
        elif row.get("event") == "stats" and isinstance(row.get("custom"), dict):
            stats = row["custom"]
    return Events(tuple(_addressed(tasks)), stats)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for count, line in enumerate(file):
            if count >= _MOST_EVENTS:
                return
            try:
                row = json.loads(line)
            except ValueError:
                continue  # The last line of a run that was killed is often half a line.
            if isinstance(row, dict):
                yield row


def _task(row: Mapping[str, Any], project: Path) -> TaskEvent:
    texts = {key: str(row.get(key, "")) for key in ("status", "host", "role", "task", "action", "playbook")}
    facts, diffs = row.get("facts"), row.get("diffs")
    return TaskEvent(
        **texts,
        # The folder of this one run means nothing to people.
        path=str(row.get("path", "")).removeprefix(f"{project}/"),
        changed=row.get("changed") is True,
        conditional=row.get("conditional") is True,
        message=str(row.get("message", "")),
        facts=facts if isinstance(facts, dict) else {},
        diffs=tuple(diff for diff in diffs if isinstance(diff, dict)) if isinstance(diffs, list) else (),
    )


def _addressed(tasks: Iterable[TaskEvent]) -> Iterator[TaskEvent]:
    """Give each its address ``host/role.task``; a repeated one (an include in a loop, a common name) is numbered."""
    seen: Counter[str] = Counter()
    for task in tasks:
        address = f"{task.host}/{task.role + '.' if task.role else ''}{task.task}"
        seen[address] += 1
        yield replace(task, address=address if seen[address] == 1 else f"{address} #{seen[address]}")


def plan_of(events: Events, masker: Masker) -> PlanSummary:
    """What a check run found. A task that cannot be checked counts as a change, since only running it tells."""
    changes = tuple(_change(task, masker) for task in events.tasks if _may_change(task))
    return PlanSummary(changed=len(changes), changes=changes, has_changes=bool(changes))


def _may_change(task: TaskEvent) -> bool:
    return (task.status == "ok" and task.changed) or (task.status == "skipped" and not task.conditional)


def _change(task: TaskEvent, masker: Masker) -> Change:
    before, after = ([diff.get(side) for diff in task.diffs] for side in ("before", "after"))
    return Change(
        address=masker.mask(task.address),
        type=task.action,
        name=masker.mask(task.task),
        provider=PROVIDER,
        action=Action.RUN if task.status == "skipped" else Action.UPDATE,
        before=cleaned(_single(before), None, masker),
        after=cleaned(_single(after), None, masker),
    )


def _single(sides: list[Any]) -> Any:
    return sides[0] if len(sides) == 1 else sides or None


def resources_of(events: Events, masker: Masker, *, failed: bool) -> tuple[ResourceRecord, ...]:
    """What the tasks of a run left standing, by host. ``failed`` tells a fatal failure from one that was rescued."""
    statuses = {"ok": ResourceStatus.OK, "unreachable": ResourceStatus.UNREACHABLE}
    if failed:
        statuses["failed"] = ResourceStatus.FAILED
    return tuple(
        _record(task, statuses[task.status], masker)
        for task in events.tasks
        if task.status in statuses and task.leaves_something
    )


def _record(task: TaskEvent, status: ResourceStatus, masker: Masker) -> ResourceRecord:
    attributes = {
        **task.facts,
        "host": task.host,
        "playbook": task.playbook,
        "role": task.role,
        "changed": task.changed,
        "defined_in": task.path,
    }
    shown = cleaned(attributes, None, masker)
    return ResourceRecord(
        address=masker.mask(task.address),
        type=task.action,
        name=masker.mask(task.task),
        provider=PROVIDER,
        attributes=shown if isinstance(shown, dict) else {},
        status=status,
    )


def outputs_of(events: Events, masker: Masker) -> dict[str, Output]:
    """What ``set_stats`` told: values of the run by name, and values of one host as ``host.name``."""
    outputs: dict[str, Output] = {}
    for owner, values in events.stats.items():
        for name, value in values.items() if isinstance(values, dict) else ():
            full_name = name if owner == "_run" else f"{owner}.{name}"
            outputs[full_name] = Output(value, sensitive=masker.mask_data(value) != value)
    return outputs


def failures_of(events: Events, masker: Masker) -> tuple[Diagnostic, ...]:
    """The tasks that failed and the hosts that did not answer. The last one is what ended the run."""
    return tuple(
        Diagnostic(
            severity="error",
            summary=masker.mask(f"Task {task.task!r} {_FAILED_WORDS[task.status]} {task.host}"),
            detail=masker.mask(" ".join(task.message.split()))[:_LONGEST_REASON],
            file=task.path.rpartition(":")[0],
            line=_line(task.path),
            address=masker.mask(task.address),
        )
        for task in events.tasks
        if task.status in _FAILED_WORDS
    )


_FAILED_WORDS = {"failed": "failed on", "unreachable": "could not reach"}


def _line(path: str) -> int:
    number = path.rpartition(":")[2]
    return int(number) if number.isascii() and number.isdigit() else 0
