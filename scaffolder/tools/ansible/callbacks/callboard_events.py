"""A callback plugin for Ansible: writes what happened to every task on every host as one JSON object a line.

It runs inside of ``ansible-playbook`` and so imports nothing of the portal. The file is named by ``CALLBOARD_EVENTS``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase  # type: ignore[import-untyped]

DOCUMENTATION = """
    name: callboard_events
    type: notification
    short_description: Events of a run for the portal
    description: Writes one JSON object a line to the file that CALLBOARD_EVENTS names.
"""
_LONGEST_TEXT = 10_000
_MOST_DIFFS = 20
# Results of modules can be anything, so only what tells people which thing a task is about is passed on.
_FACTS = (
    "path",
    "dest",
    "src",
    "state",
    "owner",
    "group",
    "mode",
    "size",
    "checksum",
    "name",
    "url",
    "uid",
    "gid",
    "rc",
)


class CallbackModule(CallbackBase):  # type: ignore[misc] # Ansible has no types
    """Hears results that Ansible has already censored where a task says ``no_log``."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "callboard_events"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(os.environ.get("CALLBOARD_EVENTS", os.devnull))
        self.playbook = ""

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Remember the playbook's name for the events to come."""
        self.playbook = Path(getattr(playbook, "_file_name", "")).name

    def v2_runner_on_ok(self, result: Any) -> None:
        """A task did its work, or found nothing to do."""
        self._write_task("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """A task failed; perhaps a rescue follows, which only the exit code of all tells."""
        self._write_task("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """A task was left out: by its condition, or since its module cannot tell without doing."""
        self._write_task("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """A host did not answer."""
        self._write_task("unreachable", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The end: what ``set_stats`` collected."""
        self._write({"event": "stats", "custom": getattr(stats, "custom", {})})

    def _write_task(self, status: str, result: Any) -> None:
        # NOTE: the underscored names are those that all versions of ansible-core have.
        task, answer = result._task, dict(result._result)
        role = getattr(task, "_role", None)
        self._write(
            {
                "event": "task",
                "status": status,
                "playbook": self.playbook,
                "host": result._host.get_name(),
                "role": role.get_name() if role else "",
                "task": str(result._task_fields.get("name") or task.name or task.action),
                "action": str(getattr(task, "resolved_action", None) or task.action),
                "path": str(task.get_path() or ""),
                "changed": bool(answer.get("changed")),
                "conditional": _is_conditional(answer),
                "message": _message(answer),
                "facts": {key: answer[key] for key in _FACTS if _is_telling(answer.get(key))},
                "diffs": _diffs(answer),
            }
        )

    def _write(self, event: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event, default=str) + "\n")


def _is_telling(fact: Any) -> bool:
    """Whether it is a plain value, and not the path of a file that Ansible itself just made."""
    return isinstance(fact, str | int | bool) and "/ansible-tmp-" not in str(fact)


def _items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer itself, or those of a loop's items."""
    items = answer.get("results")
    found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return found or [answer]


def _is_conditional(answer: dict[str, Any]) -> bool:
    """Whether a skipped task was left out by ``when`` or an empty loop, and would be in a real run too."""
    if answer.get("results") == []:
        return True
    reasons = [str(item.get("skip_reason", "")) for item in _items(answer)]
    return all(reason == "Conditional result was False" for reason in reasons) or "skipped_reason" in answer


def _message(answer: dict[str, Any]) -> str:
    for item in [item for item in _items(answer) if item.get("failed")] or [answer]:
        for key in ("msg", "exception", "module_stderr", "stderr", "reason"):
            if item.get(key):
                return str(item[key])[:_LONGEST_TEXT]
    return ""


def _diffs(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Before and after as the modules tell them, with long texts cut."""
    diffs: list[dict[str, Any]] = []
    for item in _items(answer):
        found = item.get("diff")
        for diff in found if isinstance(found, list) else [found]:
            if isinstance(diff, dict) and ("before" in diff or "after" in diff):
                diffs.append({side: _shortened(diff.get(side)) for side in ("before", "after")})
    return diffs[:_MOST_DIFFS]


def _shortened(side: Any) -> Any:
    text = side if isinstance(side, str) else json.dumps(side, default=str)
    return side if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
