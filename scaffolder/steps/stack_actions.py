"""``stack:create`` and ``stack:run``: a blueprint makes a stack of what it wrote, and has it deployed."""

from __future__ import annotations

import time
from typing import Any

from portal.lib import archives
from portal.lib.errors import Conflict, Invalid, PortalError
from scaffolder.steps.base import Action, Input, Output, StepContext

LONGEST_WAIT_MINUTES = 24 * 60
_POLL_SECONDS = 0.5
_TEXT = {"type": "string"}
_VALUES = {"type": "object", "additionalProperties": {}}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
# Input → argument of the verb.
_FIELDS = {
    "slug": "slug",
    "description": "description",
    "repository": "repository",
    "token": "repository_token",
    "branch": "branch",
    "projectRoot": "project_root",
    "options": "options",
    "labels": "labels",
    "entityRef": "entity_ref",
    "autodeploy": "is_autodeployed",
    "protected": "is_protected",
    "variables": "variables",
    "secrets": "secrets",
    "environment": "environment",
    "secretEnvironment": "secret_environment",
}


class RunDidNotFinish(PortalError):
    """The run that a step waited for ended otherwise."""

    code = "run_did_not_finish"
    status = 409
    title = "The run did not finish"


class StackCreate(Action):
    """Makes a stack."""

    id = "stack:create"
    description = (
        "Makes a stack from a Git repository, or from files of the workspace, which are then kept with the stack."
    )
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "name": _TEXT,
            "slug": _TEXT,
            "space": {"type": "string", "description": "Short name of a space; that of the task unless given."},
            "tool": {"type": "string", "description": "opentofu or ansible."},
            "description": _TEXT,
            "repository": _TEXT,
            "token": _TEXT,
            "branch": _TEXT,
            "projectRoot": _TEXT,
            "sourcePath": {"type": "string", "description": "A folder of the workspace, in place of a repository."},
            "options": _TEXTS,
            "labels": {"type": "array", "items": _TEXT},
            "entityRef": _TEXT,
            "autodeploy": {"type": "boolean"},
            "protected": {"type": "boolean"},
            "variables": _VALUES,
            "secrets": _VALUES,
            "environment": _TEXTS,
            "secretEnvironment": _TEXTS,
        },
        "required": ["name", "tool"],
        "additionalProperties": False,
    }
    output_schema = {
        "type": "object",
        "properties": {"stackId": _TEXT, "slug": _TEXT, "url": _TEXT},
        "required": ["stackId", "slug", "url"],
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Make it. Raises Invalid unless exactly one of ``repository`` and ``sourcePath`` is given, and what the verb
        raises: for want of rights, or for wrong fields."""
        if bool(given.get("repository")) == bool(given.get("sourcePath")):
            raise Invalid("stack:create needs a repository, or a sourcePath in the workspace, and not both.")
        if ctx.is_dry_run:
            ctx.log(f"Would make the stack {given['name']}")
            return {"stackId": "dry-run", "slug": given.get("slug") or "dry-run", "url": ""}
        fields: dict[str, Any] = {name: given[key] for key, name in _FIELDS.items() if key in given}
        if given.get("sourcePath"):
            fields["bundle"] = _packed(ctx, given["sourcePath"])
        create = ctx.services.need("create_stack")
        made: Output = ctx.checkpoint(
            "stack", lambda: create(name=given["name"], tool=given["tool"], space=given.get("space", ""), **fields)
        )
        ctx.log(f"The stack {made['slug']} is there: {made['url']}")
        return made


def _packed(ctx: StepContext, path: str) -> bytes:
    folder = ctx.path(path)
    if not folder.is_dir():
        raise Invalid(f"There is no folder {path!r} in the workspace.", field="sourcePath")
    return archives.pack(folder)


class StackRun(Action):
    """Starts a run of a stack."""

    id = "stack:run"
    description = "Starts a run of a stack and waits for its end. A plan that has to be confirmed is waited for, too."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "stack": {"type": "string", "description": "The slug or the stackId."},
            "type": {"type": "string", "enum": ["tracked", "proposed", "destroy"]},
            "wait": {"type": "boolean", "description": "True unless given."},
            "timeoutMinutes": {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_WAIT_MINUTES},
        },
        "required": ["stack"],
        "additionalProperties": False,
    }
    output_schema = {
        "type": "object",
        "properties": {"runId": _TEXT, "state": _TEXT, "url": _TEXT, "outputs": _VALUES},
        "required": ["runId", "state", "url", "outputs"],
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Start, and wait unless told otherwise. Outputs that are sensitive are left out.

        Raises RunDidNotFinish with the run's own reason, Conflict after the time-out or where a run is open already.
        """
        kind = given.get("type", "tracked")
        if ctx.is_dry_run:
            ctx.log(f"Would start a {kind} run of {given['stack']}")
            return {"runId": "dry-run", "state": "finished", "url": "", "outputs": {}}
        trigger = ctx.services.need("trigger_run")
        # A task that is taken up again after its worker died goes on waiting for the run that it started.
        uid: str = ctx.checkpoint("run", lambda: trigger(stack=given["stack"], type=kind))
        found: Output = ctx.services.need("look_at_run")(uid)
        ctx.log(f"Run {found['number']} has started: {found['url']}")
        if given.get("wait", True):
            found = _waited(ctx, uid, given.get("timeoutMinutes", 60) * 60)
        return {name: found[name] for name in ("runId", "state", "url", "outputs")}


def _waited(ctx: StepContext, uid: str, seconds: float) -> Output:
    """The run once it has finished."""
    look, said = ctx.services.need("look_at_run"), ""
    end = time.monotonic() + seconds
    while True:
        ctx.stop_if_cancelled()
        found: Output = look(uid)
        if found["words"] != said:
            said = found["words"]
            ctx.log(f"The run: {said}")
        if found["has_ended"]:
            break
        if time.monotonic() > end:
            raise Conflict(f"The run is still {said}; this step waits no longer. See {found['url']}")
        time.sleep(_POLL_SECONDS)
    if found["state"] != "finished":
        raise RunDidNotFinish(
            f"The run ended as {found['state']}: {found['reason'] or 'see its page'} ({found['url']})"
        )
    return found
