"""Dry runs of public templates against what a real Backstage answered, where those lie beside the project."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.git import Git, SourceReader
from scaffolder.expressions.engine import Engine
from scaffolder.steps.dryrun import DryRun, dry_run
from scaffolder.steps.registry import default_registry
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


def reader(folder: Path) -> SourceReader:
    """Reads the files that were sent along and nothing else."""
    return SourceReader(NOWHERE, Git(NOWHERE.policy), file_roots=[folder])


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
            values=request["values"],
            contents={
                item["path"]: replay.base64.b64decode(item["base64Content"]) for item in request["directoryContents"]
            },
            secrets=request["secrets"],
            registry=default_registry(),
            expressions=ENGINE,
            reader=reader,
            git=Git(NOWHERE.policy),
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
        [file.path, file.is_executable, len(file.content), hashlib.sha256(file.content).hexdigest()]
        for file in done.files
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
            values=golden["values"],
            contents={f"skeleton/{row['path']}": row["text"].encode()},
            registry=default_registry(),
            expressions=ENGINE,
            reader=reader,
            git=Git(NOWHERE.policy),
        )
        got = None if done.outcome.error else {file.path: file.content.decode() for file in done.files}
        if got != row.get("files"):
            different.append((row["path"], row["input"], row.get("files"), got))
    assert different == []
