"""Stacks, runs and bundles of code for tests."""

from __future__ import annotations

import io
import tarfile
from itertools import count
from typing import Any

from portal.accounts.subjects import system
from portal.spaces.models import Space
from scaffolder.runs.models import Run, RunState, RunType
from scaffolder.runs.services import trigger_run
from scaffolder.stacks.models import Stack
from scaffolder.stacks.services import create_stack

_numbers = count(1)
SECRET = "hunter2-and-a-half"

# Needs no provider to be downloaded.
TOFU = """
variable "greeting" { type = string }
variable "password" {
  type      = string
  sensitive = true
  default   = "none-given"
}
resource "terraform_data" "greeting" { input = var.greeting }
resource "terraform_data" "hidden" { input = var.password }
output "said" { value = terraform_data.greeting.output }
output "hidden" {
  value     = var.password
  sensitive = true
}
"""


def make_bundle(**files: str) -> bytes:
    """A tar.gz of files; in names ``__`` is a slash and the last ``_`` is the dot."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(".".join(name.replace("__", "/").rsplit("_", 1)))
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return raw.getvalue()


def make_stack(space: Space | None = None, **fields: Any) -> Stack:
    """A stack of OpenTofu with two resources, from a bundle unless a repository is given."""
    number = next(_numbers)
    if not fields.get("repository"):
        fields.setdefault("bundle", make_bundle(main_tf=TOFU))
    fields = {"name": f"Stack {number}", "tool": "opentofu", "variables": {"greeting": "hello"}, **fields}
    return create_stack(subject=system(), space=space or Space.objects.get(slug="root"), **fields)


def make_run(
    stack: Stack | None = None, *, state: str = RunState.QUEUED, type: str = RunType.TRACKED, **fields: Any
) -> Run:
    """A run, brought to a state without working for it."""
    run = trigger_run(subject=system(), stack=stack or make_stack(), type=type)
    if state != RunState.QUEUED or fields:
        Run.objects.filter(pk=run.pk).update(state=state, **fields)
        run.refresh_from_db()
    return run
