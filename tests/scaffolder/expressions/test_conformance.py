"""Our answers against those of a real Backstage, where its recorded answers lie beside the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portal.lib.errors import Invalid
from scaffolder.expressions.engine import Engine, TextOptions
from scaffolder.expressions.values import UNDEFINED

HOSTS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucketCloud",
    "bitbucket.example.com": "bitbucketServer",
    "dev.azure.com": "azure",
    "gitlab.example.com": "gitlab",
    "gitea.example.com": "gitea",
    "gerrit.example.com": "gerrit",
}
ENGINE = Engine(HOSTS)
UUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="session")
def golden(beside: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((beside / "oracle" / "expressions.json").read_text(encoding="utf-8"))
    return loaded


def context_of(golden: dict[str, Any]) -> dict[str, Any]:
    """What an output sees after the one step of the recorded templates: no secrets."""
    return {
        "parameters": golden["values"],
        "environment": {"parameters": {}, "secrets": {}},
        "steps": {"a": {"output": {}}, "<uuid>": {"output": {}}},
        "user": {},
        "context": {"task": {"id": UUID}},
    }


def text_answer(text: str, values: dict[str, Any], options: TextOptions | None = None) -> object:
    try:
        return ENGINE.render_text(text, values, options)
    except Invalid:
        return "refused"


def test_it_gives_the_value_that_backstage_gives(golden: dict[str, Any]) -> None:
    context, different = context_of(golden), []
    for row in golden["expressions"]:
        got = ENGINE.render_value(row["expr"], context).value
        want = UNDEFINED if "undefined" in row["output"] else row["output"]["value"]
        if got != want or type(got) is not type(want):
            different.append((row["expr"], want, got))
    assert len(golden["expressions"]) > 200
    assert different == []


def test_it_gives_the_file_that_backstage_writes(golden: dict[str, Any]) -> None:
    different = []
    for row in golden["expressions"]:
        got = text_answer(row["expr"].replace("parameters", "values"), golden["values"])
        want = row["file"].get("text", "refused")
        if got != want:
            different.append((row["expr"], want, got))
    for row in golden["skeletons"]:
        got = text_answer(row["text"], golden["values"])
        if got != row.get("result", "refused"):
            different.append((row["text"], row, got))
    assert different == []


def test_it_says_the_line_and_words_that_backstage_says(golden: dict[str, Any]) -> None:
    own_words = ("parseRepoUrl", "parseEntityRef")  # these filters are ours and speak for themselves
    different = []
    for row in golden["skeletons"]:
        if "error" in row and not any(name in row["text"] for name in own_words):
            with pytest.raises(Invalid) as caught:
                ENGINE.render_text(row["text"], golden["values"])
            line, column = caught.value.data["line"], caught.value.data["column"]
            words = caught.value.detail.removeprefix(f"line {line}, column {column}: ")
            if row["error"] != f"Template error at line {line}, column {column}: {words}":
                different.append((row["error"], caught.value.detail))
    assert different == []


def test_it_renders_the_paths_that_backstage_writes(golden: dict[str, Any]) -> None:
    """Options about which files are templates belong to the action; those about the text are tried here."""
    options = {
        "cookiecutterCompat": TextOptions(cookiecutter_compat=True),
        "trimBlocks": TextOptions(trim_blocks=True, lstrip_blocks=True),
    }
    different = []
    for row in golden["paths"]:
        if set(row["input"]) - {"cookiecutterCompat", "trimBlocks", "lstripBlocks"} or row.get("status") == 403:
            continue
        chosen = options[next(iter(row["input"]))] if row["input"] else None
        path = text_answer(row["path"], golden["values"], chosen)
        text = text_answer(row["text"], golden["values"], chosen)
        skipped = path == "" or "//" in str(path) or "../" in str(path)
        got = "refused" if path == "refused" else {} if skipped else {path: text}
        if got != row.get("files", "refused") and "../" not in str(path):
            different.append((row["path"], row, got))
    assert different == []


def test_it_runs_a_step_when_backstage_runs_it(golden: dict[str, Any]) -> None:
    context = {**context_of(golden), "steps": {}}
    different = []
    for row in golden["ifs"]:
        try:
            got: object = ENGINE.evaluate_condition(row["if"], context).holds
        except Invalid:
            got = "refused"
        if got != row.get("runs", "refused"):
            different.append((row["if"], row, got))
    assert different == []
