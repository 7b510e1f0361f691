"""``debug:log`` and ``debug:wait``: for the authors of blueprints."""

from __future__ import annotations

import json
import time
from pathlib import Path

from portal.lib.errors import Invalid
from portal.lib.paths import Entry, walk
from scaffolder.steps.base import Action, Input, Output, StepContext
from scaffolder.steps.binary import is_binary

LONGEST_WAIT = 10 * 60
LARGEST_SHOWN = 64 * 1024
_POLL = 0.1


class Log(Action):
    """Writes into the log of the task."""

    id = "debug:log"
    description = "Writes a message into the log, or lists the files of the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "message": {"type": "string"},
            "listWorkspace": {
                "anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["with-filenames", "with-contents"]}]
            },
        },
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Log the input as JSON, then the message, then the files."""
        ctx.log(json.dumps(given, indent=2, ensure_ascii=False))
        if given.get("message"):
            ctx.log(given["message"])
        if wanted := given.get("listWorkspace"):
            lines = [_line(ctx.workspace, entry, wanted) for entry in walk(ctx.workspace) if entry.kind != "folder"]
            ctx.log("Workspace:\n" + "\n".join(lines))
        return {}


def _line(workspace: Path, entry: Entry, wanted: bool | str) -> str:
    if wanted != "with-contents":
        return f"  - {entry.path}"
    return f" - {entry.path}:\n\n  {_content(workspace / entry.path, entry)}"


def _content(path: Path, entry: Entry) -> str:
    if entry.kind == "link":
        return f"(a link to {path.readlink()})"
    if entry.kind != "file" or entry.size > LARGEST_SHOWN:
        return f"({entry.size} bytes)"
    data = path.read_bytes()
    return "(binary)" if is_binary(data) else data.decode("utf-8", "replace")


class Wait(Action):
    """Waits, which can be cancelled."""

    id = "debug:wait"
    description = "Waits for a time of at most ten minutes."
    input_schema = {
        "type": "object",
        "properties": {
            "minutes": {"type": "number"},
            "seconds": {"type": "number"},
            "milliseconds": {"type": "number"},
        },
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Wait. Raises Invalid for more than ten minutes or less than nothing, Cancelled when asked to end."""
        seconds = given.get("minutes", 0) * 60 + given.get("seconds", 0) + given.get("milliseconds", 0) / 1000
        if not 0 <= seconds <= LONGEST_WAIT:
            raise Invalid(f"debug:wait waits between 0 and {LONGEST_WAIT} seconds, not {seconds:g}.")
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ctx.stop_if_cancelled()
            time.sleep(min(left, _POLL))
        return {}
