"""Dry runs of public templates against what a real Backstage answered, where those lie beside the project."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.git import Git, SourceReader
from portal.lib.paths import safe_join, walk
from scaffolder.expressions.engine import Engine
from scaffolder.steps.base import Services
from scaffolder.steps.events import Event, Outcome
from scaffolder.steps.plan import parse_steps
from scaffolder.steps.registry import default_registry
from scaffolder.steps.runner import Job, run_steps
from tests.conftest import BESIDE

HOSTS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "gitlab.example.com": "gitlab",
    "gitea.example.com": "gitea",
    "cnoe.localtest.me:8443": "gitea",
    "bitbucket.org": "bitbucketCloud",
    "bitbucket.example.com": "bitbucketServer",
    "dev.azure.com": "azure",
    "gerrit.example.com": "gerrit",
}
ENGINE = Engine(HOSTS)
NOWHERE = Fetcher(AllowList())


@dataclass(frozen=True)
class DryRun:
    """What came of a dry run."""

    events: list[Event]
    outcome: Outcome
    files: list[tuple[str, bool, bytes]]


def dry_run(
    spec: dict[str, Any], values: dict[str, Any], contents: dict[str, bytes], secrets: dict[str, str] | None = None
) -> DryRun:
    """The steps of a template on files that were sent along."""
    events: list[Event] = []
    git = Git(NOWHERE.policy)
    with tempfile.TemporaryDirectory() as scratch:
        source, workspace = Path(scratch).resolve() / "source", Path(scratch).resolve() / "workspace"
        for path, data in contents.items():
            target = safe_join(source, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        job = Job(
            steps=parse_steps(spec.get("steps")),
            workspace=workspace,
            parameters=values,
            output=spec.get("output"),
            secrets=secrets or {},
            base_url=(source / "template.yaml").as_uri(),
            template_ref="template:default/dry-run",
            is_dry_run=True,
        )
        services = Services(SourceReader(NOWHERE, git), git)
        outcome = run_steps(job, registry=default_registry(), expressions=ENGINE, services=services, emit=events.append)
        files = [
            (entry.path, entry.is_executable, (workspace / entry.path).read_bytes())
            for entry in walk(workspace)
            if entry.kind == "file"
        ]
    return DryRun(events, outcome, files)


@pytest.fixture(scope="session")
def replay(beside: Path) -> Any:
    """The module that builds the recorded requests."""
    spec = importlib.util.spec_from_file_location("replay", beside / "oracle" / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(replay: Any, beside: Path, case: dict[str, Any]) -> DryRun | PortalError:
    """Our answer to a recorded case."""
    request = replay.build_request(beside / "corpus", case)
    try:
        done = dry_run(
            request["template"]["spec"],
            request["values"],
            {item["path"]: base64.b64decode(item["base64Content"]) for item in request["directoryContents"]},
            request["secrets"],
        )
    except PortalError as error:
        return error
    return done.outcome.error or done


def states_of(done: DryRun) -> dict[str, list[str]]:
    """The states of each step in order."""
    states: dict[str, list[str]] = {}
    for event in done.events:
        if event.step and event.state:
            states.setdefault(event.step.id, []).append(event.state)
    return states


def debug_of(done: DryRun, clean: Any) -> list[list[str]]:
    """The lines of the steps that only log."""
    return [
        [event.step.id, clean(event.message)]
        for event in done.events
        if event.step
        and not event.state
        and event.step.action == "debug:log"
        and " in dry-run mode" not in event.message
    ]


def differences(done: DryRun, want: dict[str, Any], clean: Any) -> dict[str, tuple[Any, Any]]:
    """What is not the same, by kind: what was recorded and what we have."""
    files = [
        [path, is_executable, len(content), hashlib.sha256(content).hexdigest()]
        for path, is_executable, content in done.files
    ]
    got = {
        "states": states_of(done),
        "output": clean(done.outcome.output),
        "debug": debug_of(done, clean),
        "files": sorted(files),
    }
    wanted = {kind: want[kind] for kind in got} | {"files": sorted(want["files"])}
    return {kind: (wanted[kind], got[kind]) for kind in got if got[kind] != wanted[kind]}


# Backstage refuses inputs that an action does not know; here they are only warned about.
LENIENT = "is not allowed to have the additional property"


@pytest.mark.parametrize("name", sorted(path.stem for path in (BESIDE / "oracle" / "dryrun").glob("*.json")))
def test_it_does_what_backstage_does(replay: Any, beside: Path, name: str) -> None:
    recorded = json.loads((beside / "oracle" / "dryrun" / f"{name}.json").read_text(encoding="utf-8"))
    different: list[tuple[str, str, Any]] = []
    for case in recorded["cases"]:
        want, got = case["answer"], answer(replay, beside, case)
        where = f"{case['file']}[{case['document']}] {case['source']} {case['variant']}"
        if isinstance(got, PortalError):
            if want["status"] == 200:
                different.append((where, "refused", got.detail))
        elif want["status"] == 200:
            different += [(where, kind, pair) for kind, pair in differences(got, want, replay.clean).items()]
        elif LENIENT not in str(want["errors"]):
            different.append((where, "not refused", want["errors"]))
    assert different == []


def test_it_names_the_files_as_backstage_does(beside: Path) -> None:
    golden = json.loads((beside / "oracle" / "expressions.json").read_text(encoding="utf-8"))
    different = []
    for row in golden["paths"]:
        given = {"url": "./skeleton", "values": "${{ parameters }}", **row["input"]}
        done = dry_run(
            {"steps": [{"action": "fetch:template", "input": given}]},
            golden["values"],
            {f"skeleton/{row['path']}": row["text"].encode()},
        )
        got = None if done.outcome.error else {path: content.decode() for path, _mode, content in done.files}
        if got != row.get("files"):
            different.append((row["path"], row["input"], row.get("files"), got))
    assert different == []
