"""Trying a template without effects: its steps in a workspace that is thrown away, and what they would write."""

from __future__ import annotations

import base64
import binascii
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.accounts.subjects import Subject
from portal.lib import fetch, git
from portal.lib.errors import Invalid, TooLarge
from portal.lib.git import SourceReader
from portal.lib.paths import files_of, make_folder, safe_join
from scaffolder.blueprints.reading import Blueprint
from scaffolder.blueprints.requesters import user_facts
from scaffolder.steps.base import Services
from scaffolder.steps.events import Event, Outcome
from scaffolder.steps.plan import Step, parse_steps
from scaffolder.steps.registry import default_registry
from scaffolder.steps.runner import Job, run_steps
from scaffolder.tasks.running import engine, entities_for

MAX_BYTES = 10 * 1024 * 1024


@dataclass
class DryRun:
    """What came of it: the log, the outcome, the steps as they were read, and the files of the workspace."""

    outcome: Outcome
    steps: list[Step]
    log: list[Event] = field(default_factory=list)
    files: list[tuple[str, bool, bytes]] = field(default_factory=list)


def dry_run(
    *,
    subject: Subject,
    blueprint: Blueprint,
    values: Mapping[str, Any],
    secrets: Mapping[str, str],
    contents: list[tuple[str, bytes]],
) -> DryRun:
    """Run the steps of a template whose folder holds ``contents``. Nothing outside of a scratch folder is touched.

    Raises ``Invalid`` for values that break the form's rules and for steps that can not be read.
    """
    blueprint.check_values(values, secrets)
    steps = parse_steps(blueprint.spec.get("steps"))
    with tempfile.TemporaryDirectory(prefix="dry-run-") as scratch:
        source, workspace = Path(scratch) / "source", Path(scratch) / "workspace"
        _write(source, contents)
        job = Job(
            steps=steps,
            workspace=workspace,
            parameters=values,
            output=blueprint.spec.get("output"),
            secrets=secrets,
            user=user_facts(subject),
            task_id=f"dry-run-{uuid.uuid4()}",
            base_url=(source / "template.yaml").as_uri(),
            template_ref=blueprint.ref or "template:default/dry-run",
            is_dry_run=True,
        )
        log: list[Event] = []
        outcome = run_steps(
            job, registry=default_registry(), expressions=engine(), services=_services(subject), emit=log.append
        )
        return DryRun(outcome, steps, log, list(_files(workspace)))


def _services(subject: Subject) -> Services:
    repositories = git.from_settings()
    return Services(
        sources=SourceReader(fetch.from_settings(), repositories),
        git=repositories,
        get_entities=lambda refs: entities_for(subject, refs),
    )


def _write(folder: Path, contents: list[tuple[str, bytes]]) -> None:
    folder.mkdir()
    for path, data in contents:
        target = safe_join(folder, path)
        make_folder(target.parent)
        target.write_bytes(data)


def _files(workspace: Path) -> Any:
    for name in files_of(workspace):
        path = workspace / name
        if path.is_file() and not path.is_symlink():
            yield name, bool(path.stat().st_mode & 0o111), path.read_bytes()


def read_contents(rows: object) -> list[tuple[str, bytes]]:
    """The ``directoryContents`` of a request; raises ``Invalid`` for a row that is none, ``TooLarge`` past 10 MB."""
    if not isinstance(rows, list):
        raise Invalid("directoryContents must be a list of {path, base64Content}.")
    found: list[tuple[str, bytes]] = []
    size = 0
    for place, row in enumerate(rows):
        if not isinstance(row, dict) or not isinstance(row.get("path"), str):
            raise Invalid(f"directoryContents[{place}] must be an object with path and base64Content.")
        try:
            data = base64.b64decode(str(row.get("base64Content", "")), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Invalid(f"directoryContents[{place}].base64Content is not base64.") from error
        size += len(data)
        if size > MAX_BYTES:
            raise TooLarge("directoryContents hold more than 10 MB.")
        found.append((row["path"], data))
    return found
