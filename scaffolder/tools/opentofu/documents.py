"""Reads what ``tofu show -json`` says of a plan or a state into the types that all tools share, with secrets taken out.

The format is https://opentofu.org/docs/internals/json-format/ (format_version 1.x); Terraform's is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.lib.masking import Masker
from scaffolder.tools.outcomes import Action, Change, Output, PlanSummary, ResourceRecord, ResourceStatus
from scaffolder.tools.sanitize import cleaned, reveal_unknown, sensitive_texts

Document = dict[str, Any]
_ACTIONS = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("forget", "create"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
}


def read_plan(document: Document, masker: Masker) -> PlanSummary:
    """The plan as the portal shows it; also teaches ``masker`` the values that the plan calls sensitive."""
    rows: list[Document] = document.get("resource_changes", [])
    outputs: dict[str, Document] = document.get("output_changes", {})
    masker.add(_secrets_of_changes([*(row["change"] for row in rows), *outputs.values()]))
    masker.add(_secrets_of_variables(document))
    changes = tuple(change for row in rows if (change := _change(row, masker)))
    actions = [action for change in changes for action in change.actions]
    output_changes = {
        masker.mask(name): _ACTIONS[tuple(change["actions"])]
        for name, change in outputs.items()
        if tuple(change["actions"]) in _ACTIONS
    }
    return PlanSummary(
        added=actions.count("create"),
        changed=actions.count("update"),
        destroyed=actions.count("delete"),
        changes=changes,
        output_changes=output_changes,
        has_changes=bool(changes or output_changes),
    )


def _secrets_of_changes(changes: list[Document]) -> Iterator[str]:
    for change in changes:
        for side in ("before", "after"):
            yield from sensitive_texts(change.get(side), change.get(f"{side}_sensitive"))


def _secrets_of_variables(document: Document) -> Iterator[str]:
    declared = document.get("configuration", {}).get("root_module", {}).get("variables", {})
    for name, variable in document.get("variables", {}).items():
        yield from sensitive_texts(variable.get("value"), bool(declared.get(name, {}).get("sensitive")))


def _change(row: Document, masker: Masker) -> Change | None:
    """One row of a plan; None for data sources and for resources that stay as they are."""
    change = row["change"]
    action = _action(row)
    if row["mode"] != "managed" or action is None:
        return None
    after = reveal_unknown(change.get("after"), change.get("after_unknown") or {})
    return Change(
        address=masker.mask(row["address"]),
        type=row["type"],
        name=row["name"],
        provider=row.get("provider_name", ""),
        action=action,
        actions=tuple(change["actions"]),
        before=cleaned(change.get("before"), change.get("before_sensitive"), masker),
        after=cleaned(after, change.get("after_sensitive"), masker),
        changed=_differing(change.get("before"), after),
        previous_address=masker.mask(row.get("previous_address", "")),
    )


def _action(row: Document) -> Action | None:
    action = _ACTIONS.get(tuple(row["change"]["actions"]))
    if action is None and row["change"].get("importing"):
        return Action.IMPORT
    if action is None and row.get("previous_address"):
        return Action.MOVE
    return action


def _differing(before: object, after: object) -> tuple[str, ...]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ()
    return tuple(sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)))


def read_state(document: Document, masker: Masker) -> tuple[tuple[ResourceRecord, ...], dict[str, Output]]:
    """The managed resources of all modules, and the outputs; teaches ``masker`` first what is sensitive."""
    rows = [row for row in _resources(_root(document)) if row["mode"] == "managed"]
    outputs: dict[str, Document] = (document.get("values") or {}).get("outputs") or {}
    masker.add(text for row in rows for text in sensitive_texts(row.get("values"), row.get("sensitive_values")))
    masker.add(text for row in outputs.values() for text in sensitive_texts(row.get("value"), row.get("sensitive")))
    return tuple(_record(row, masker) for row in rows), {name: _output(row, masker) for name, row in outputs.items()}


def _root(document: Document) -> Document:
    root: Document = (document.get("values") or {}).get("root_module") or {}
    return root


def _resources(module: Document) -> Iterator[Document]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def _record(row: Document, masker: Masker) -> ResourceRecord:
    attributes = cleaned(row.get("values") or {}, row.get("sensitive_values"), masker)
    is_leftover = "deposed_key" in row
    return ResourceRecord(
        address=masker.mask(row["address"]) + (f" (deposed {row['deposed_key']})" if is_leftover else ""),
        type=row["type"],
        name=row["name"],
        provider=row.get("provider_name", ""),
        attributes=attributes if isinstance(attributes, dict) else {},
        status=ResourceStatus.TAINTED if row.get("tainted") or is_leftover else ResourceStatus.OK,
        dependencies=tuple(masker.mask(address) for address in row.get("depends_on", [])),
    )


def _output(row: Document, masker: Masker) -> Output:
    """One output. One that shows a known secret is sensitive, even where the code does not say so."""
    value = row.get("value")
    return Output(value, bool(row.get("sensitive")) or masker.mask_data(value) != value)
