"""A dry run: the steps of a template on files that were sent along, in folders that are gone afterwards."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from portal.lib.errors import TooLarge
from portal.lib.git import Git, SourceReader
from portal.lib.paths import make_folder, safe_join, walk
from scaffolder.expressions.engine import Engine
from scaffolder.steps.base import Services
from scaffolder.steps.events import Event, Outcome
from scaffolder.steps.plan import parse_steps
from scaffolder.steps.registry import ActionRegistry
from scaffolder.steps.runner import Job, run_steps

TEMPLATE_REF = "template:default/dry-run"
LARGEST_RESULT = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ResultFile:
    """One file of the workspace as the steps left it."""

    path: str
    content: bytes
    is_executable: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a real run would do: its log, its outcome, its files. ``task_id`` is the id that expressions saw."""

    task_id: str
    events: tuple[Event, ...]
    outcome: Outcome
    files: tuple[ResultFile, ...]


def dry_run(
    spec: Mapping[str, Any],
    *,
    values: Mapping[str, Any],
    contents: Mapping[str, bytes],
    registry: ActionRegistry,
    expressions: Engine,
    reader: Callable[[Path], SourceReader],
    git: Git,
    secrets: Mapping[str, str] | None = None,
    user: Mapping[str, Any] | None = None,
    services: Services | None = None,
) -> DryRun:
    """Go through the steps of a template's ``spec``; actions that do not support it are left out.

    ``contents`` are files by their path, among which relative addresses of the template are found; ``reader`` makes
    the reader for them, given their folder. ``services`` may offer more than reading. Raises Invalid for steps or
    paths that make no sense, NotFound for an unknown action; what goes wrong in a step is in the outcome.
    """
    task_id = f"dry-run-{uuid.uuid4()}"
    events: list[Event] = []
    with tempfile.TemporaryDirectory(prefix="dry-run-") as scratch:
        folder, workspace = Path(scratch).resolve() / "content", Path(scratch).resolve() / "workspace"
        _write(contents, folder)
        job = Job(
            steps=parse_steps(spec.get("steps")),
            workspace=workspace,
            parameters=values,
            output=spec.get("output"),
            secrets=secrets or {},
            user=user or {},
            task_id=task_id,
            base_url=(folder / "template.yaml").as_uri(),
            template_ref=TEMPLATE_REF,
            is_dry_run=True,
        )
        sources = reader(folder)
        offered = replace(services, sources=sources) if services else Services(sources=sources, git=git)
        outcome = run_steps(job, registry=registry, expressions=expressions, services=offered, emit=events.append)
        return DryRun(task_id, tuple(events), outcome, _read(workspace))


def _write(contents: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir()
    for path, data in contents.items():
        target = safe_join(folder, path)
        make_folder(target.parent)
        target.write_bytes(data)


def _read(workspace: Path) -> tuple[ResultFile, ...]:
    """The files and, as their targets, the links that lead nowhere; links to other things are left out."""
    files: list[ResultFile] = []
    total = 0
    for entry in walk(workspace):
        total += entry.size
        if total > LARGEST_RESULT:
            raise TooLarge(f"The result is larger than the {LARGEST_RESULT} bytes allowed.")
        path = workspace / entry.path
        if entry.kind == "file":
            files.append(ResultFile(entry.path, path.read_bytes(), entry.is_executable))
        elif entry.kind == "link" and not path.exists():
            files.append(ResultFile(entry.path, str(path.readlink()).encode(), False))
    return tuple(files)
