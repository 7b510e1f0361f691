"""Plans and states of OpenTofu that small projects do not produce."""

from typing import Any

import pytest

from portal.lib.masking import Masker
from scaffolder.tools.opentofu.diagnostics import DiagnosticsReader
from scaffolder.tools.opentofu.documents import read_plan, read_state
from scaffolder.tools.outcomes import Action, Diagnostic, ResourceStatus
from scaffolder.tools.sanitize import HIDDEN, LONGEST_TEXT, UNKNOWN, cleaned, hide, reveal_unknown

SAMPLE = """╷
│ Error: Terraform encountered problems during initialisation, including problems
│ with the configuration, described below.
╵
╷
│ Warning: Deprecated attribute
│
│   on main.tf line 3, in resource "aws_instance" "web":
│    3:   old = 1
│
│ The attribute "old" is deprecated.
╵
╷
│ Error: creating EC2 Instance: UnauthorizedOperation: You are not authorized
│
│   with module.app.aws_instance.web["a"],
│   on modules/app/main.tf line 12, in resource "aws_instance" "web":
│   12: resource "aws_instance" "web" {
│
│ First paragraph
│ goes on.
│
│ Second paragraph.
╵
Error: Second one
"""


def resource_change(*actions: str, **more: Any) -> dict[str, Any]:
    change = {"actions": list(actions), "before": {"a": 1}, "after": {"a": 2}, **more.pop("change", {})}
    return {
        "address": "x.y",
        "mode": "managed",
        "type": "x",
        "name": "y",
        "provider_name": "p",
        "change": change,
        **more,
    }


def changes_of(*rows: dict[str, Any]) -> Any:
    return read_plan({"resource_changes": list(rows)}, Masker())


@pytest.mark.parametrize(
    ("actions", "action", "counts"),
    [
        (["create"], Action.CREATE, (1, 0, 0)),
        (["update"], Action.UPDATE, (0, 1, 0)),
        (["delete"], Action.DELETE, (0, 0, 1)),
        (["delete", "create"], Action.REPLACE, (1, 0, 1)),
        (["create", "delete"], Action.REPLACE, (1, 0, 1)),
        (["forget"], Action.FORGET, (0, 0, 0)),
    ],
)
def test_it_counts_as_the_tool_counts(actions: list[str], action: Action, counts: tuple[int, int, int]) -> None:
    plan = changes_of(resource_change(*actions))
    assert plan.changes[0].action is action
    assert (plan.added, plan.changed, plan.destroyed) == counts


def test_it_sees_moves_and_imports_and_leaves_out_what_stays() -> None:
    moved = resource_change("no-op", previous_address="x.old")
    imported = resource_change("no-op", change={"importing": {"id": "i-1"}})
    read = {**resource_change("read"), "mode": "data"}
    plan = changes_of(moved, imported, read, resource_change("no-op"))
    assert [change.action for change in plan.changes] == [Action.MOVE, Action.IMPORT]
    assert plan.changes[0].previous_address == "x.old"


def test_it_names_hidden_attributes_that_differ() -> None:
    sides = {"before": {"p": "old-password", "q": 1}, "after": {"p": "new-password", "q": 1}}
    marks = {"before_sensitive": {"p": True}, "after_sensitive": {"p": True}}
    change = changes_of(resource_change("update", change={**sides, **marks})).changes[0]
    assert (change.before, change.after) == ({"p": HIDDEN, "q": 1}, {"p": HIDDEN, "q": 1})
    assert change.changed == ("p",)


def test_it_teaches_the_masker_what_the_plan_calls_sensitive() -> None:
    masker = Masker()
    variables = {"pin": {"value": "generated-4711"}, "size": {"value": "quite-small"}}
    declared = {"root_module": {"variables": {"pin": {"sensitive": True}, "size": {}}}}
    read_plan({"variables": variables, "configuration": declared}, masker)
    assert masker.mask("generated-4711 quite-small") == "*** quite-small"


def test_it_reads_modules_tainted_and_deposed_resources() -> None:
    row = {"mode": "managed", "type": "x", "name": "y", "values": {"id": "1"}}
    inner = {"resources": [{**row, "address": "module.m.x.y", "deposed_key": "ab12"}]}
    root = {"resources": [{**row, "address": "x.y", "tainted": True}], "child_modules": [inner]}
    resources, outputs = read_state({"values": {"root_module": root}}, Masker())
    assert [resource.address for resource in resources] == ["x.y", "module.m.x.y (deposed ab12)"]
    assert {resource.status for resource in resources} == {ResourceStatus.TAINTED}
    assert outputs == {}


def test_it_reads_an_empty_state() -> None:
    assert read_state({"format_version": "1.0"}, Masker()) == ((), {})


@pytest.mark.parametrize(
    ("value", "marks", "expected"),
    [
        ({"a": [1, {"b": 2}], "c": 3}, {"a": [False, {"b": True}]}, {"a": [1, {"b": HIDDEN}], "c": 3}),
        ({"a": 1}, True, HIDDEN),
        ({"a": 1}, {"z": {}}, {"a": 1}),
        ([1, 2, 3], [True], [HIDDEN, 2, 3]),
        (None, {}, None),
        ("text", False, "text"),
    ],
)
def test_it_hides_what_is_marked(value: object, marks: object, expected: object) -> None:
    assert hide(value, marks) == expected


def test_it_shows_what_only_the_apply_will_tell() -> None:
    assert reveal_unknown({"a": 1}, {"id": True, "tags": {}}) == {"a": 1, "id": UNKNOWN}
    assert reveal_unknown(None, {"id": True}) == {"id": UNKNOWN}


def test_it_cuts_long_texts() -> None:
    shown = cleaned({"user_data": "x" * (LONGEST_TEXT + 5)}, {}, Masker())
    assert shown == {"user_data": "x" * LONGEST_TEXT + "… (5 more characters)"}


def test_it_reads_diagnostics_with_their_places() -> None:
    reader = DiagnosticsReader()
    for line in SAMPLE.splitlines():
        reader.read(line)
    _, warning, error, last = reader.all()
    assert (warning.severity, warning.file, warning.line) == ("warning", "main.tf", 3)
    assert error == Diagnostic(
        severity="error",
        summary="creating EC2 Instance: UnauthorizedOperation: You are not authorized",
        detail="First paragraph goes on.",
        file="modules/app/main.tf",
        line=12,
        address='module.app.aws_instance.web["a"]',
    )
    assert last.summary == "Second one"
    assert reader.problem().endswith("(modules/app/main.tf:12): First paragraph goes on. (and 1 more error)")
