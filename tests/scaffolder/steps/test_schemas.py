"""Input schemas: errors that name the field, warnings for the unknown, examples for dry runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portal.lib.errors import Invalid, NotFound
from scaffolder.steps.foreign import ForeignAction, foreign_actions
from scaffolder.steps.registry import ActionRegistry, default_registry
from scaffolder.steps.schemas import check_input, example_output, unknown_keys

REGISTRY = default_registry()


@pytest.fixture(scope="session")
def recorded(beside: Path) -> dict[str, Any]:
    """Backstage's actions by id."""
    rows = json.loads((beside / "oracle" / "actions.json").read_text(encoding="utf-8"))["actions"]
    return {row["id"]: row for row in rows}


def test_its_schemas_are_those_of_backstage(recorded: dict[str, Any]) -> None:
    ours = {action.id: action for action in REGISTRY.all() if action.id in recorded}
    assert len(ours) > 10
    for name, action in ours.items():
        schema = recorded[name]["schema"]
        assert action.input_schema == schema["input"], name
        assert (action.output_schema or {}) == (schema.get("output") or {}), name
        assert action.supports_dry_run == recorded[name]["dryRun"]["supported"], name


def test_it_knows_every_action_of_backstage(recorded: dict[str, Any]) -> None:
    for name, row in recorded.items():
        action = REGISTRY.get(name)
        assert action.supports_dry_run == row["dryRun"]["supported"], name
        if "exampleOutput" in row["dryRun"]:
            assert example_output(action.output_schema) == row["dryRun"]["exampleOutput"], name


def test_it_names_step_and_field() -> None:
    with pytest.raises(Invalid) as caught:
        check_input(REGISTRY.get("fs:rename"), {"files": [{"from": 1}]}, step="Tidy")
    assert "Tidy" in caught.value.detail
    assert {row["field"] for row in caught.value.data["errors"]} == {"files.0", "files.0.from"}


def test_it_takes_unknown_keys_at_every_depth() -> None:
    check_input(REGISTRY.get("fs:rename"), {"files": [{"from": "a", "to": "b", "x": 1}], "y": 2}, step="Tidy")
    check_input(REGISTRY.get("catalog:register"), {"catalogInfoUrl": "x", "y": 2}, step="Register")
    assert unknown_keys(REGISTRY.get("fs:rename").input_schema, {"files": [], "y": 2, "x": 1}) == ["x", "y"]
    assert unknown_keys(REGISTRY.get("catalog:register").input_schema, {"optional": True, "y": 2}) == ["y"]
    assert unknown_keys({"type": "object", "properties": {}}, {"y": 2}) == []


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("fetch:template", {}),
        ("fetch:template", {"url": 1}),
        ("fetch:template", {"url": "x", "values": []}),
        ("fetch:template", {"url": "x", "copyWithoutTemplating": ["a", 1]}),
        ("fetch:template", {"url": "x", "templateFileExtension": 1}),
        ("fetch:plain:file", {"url": "x"}),
        ("catalog:register", {}),
        ("catalog:register", {"optional": True}),
        ("catalog:write", {"entity": "x"}),
        ("debug:log", {"listWorkspace": "no"}),
        ("debug:wait", {"seconds": "1"}),
        ("fs:readdir", {"paths": [""]}),
        ("fs:delete", {"files": "x"}),
        ("publish:git", {"remote": 1}),
        ("publish:github:pull-request", {"repoUrl": "x"}),
    ],
)
def test_it_refuses_what_does_not_fit(action: str, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="does not fit"):
        check_input(REGISTRY.get(action), given, step="x")


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        (None, {}),
        ({"type": "string", "examples": ["one", "two"]}, "one"),
        ({"type": "array", "items": {"type": "integer"}}, [0]),
        ({"type": "array"}, []),
        ({"type": "object"}, {}),
        ({}, "<unknown>"),
    ],
)
def test_it_makes_examples(schema: dict[str, Any] | None, example: Any) -> None:
    assert example_output(schema) == example


def test_a_real_action_takes_the_place_of_a_foreign_one() -> None:
    class Ours(ForeignAction):
        """An action of a plug-in."""

    ours = Ours("publish:github")
    registry = ActionRegistry([ours], foreign_actions())
    assert registry.get("publish:github") is ours
    assert [action.id for action in registry.all()] == ["publish:github"]


def test_it_says_that_an_action_is_unknown() -> None:
    with pytest.raises(NotFound, match="no:such"):
        REGISTRY.get("no:such")
