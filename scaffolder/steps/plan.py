"""The steps of a blueprint, read once and checked before the first of them runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.lib.errors import Invalid, NotFound, Unavailable
from scaffolder.steps.foreign import ForeignAction
from scaffolder.steps.registry import ActionRegistry


@dataclass(frozen=True)
class Step:
    """One step as its author wrote it; ``condition`` and ``each`` and ``input`` are not rendered yet."""

    position: int
    id: str
    name: str
    action: str
    input: Mapping[str, Any] = field(default_factory=dict)
    condition: str | bool | None = None
    each: Any = None

    @property
    def repeats(self) -> bool:
        """Whether it has an ``each``; an empty text is none."""
        return self.each is not None and self.each != ""


def parse_steps(raw: object) -> list[Step]:
    """The steps of ``spec.steps``: a missing id becomes ``step-1`` (by position), a missing name the action.

    Raises Invalid, naming the step and the field.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise Invalid("spec.steps must be a list of steps.", field="spec.steps")
    return [_step(position, item) for position, item in enumerate(raw)]


def _step(position: int, item: object) -> Step:
    where = f"spec.steps[{position}]"
    if not isinstance(item, Mapping):
        raise Invalid(f"{where} must be an object.", field=where)
    given = item.get("input")
    _check(where, "action", item.get("action"), str, "a text")
    _check(where, "id", item.get("id", ""), str, "a text")
    _check(where, "name", item.get("name", ""), str, "a text")
    _check(where, "input", {} if given is None else given, Mapping, "an object")
    if "if" in item:
        _check(where, "if", item["if"], (str, bool), "a text or true or false")
    if "each" in item:
        _check(where, "each", item["each"], (str, list, Mapping), "a text, a list or an object")
    return Step(
        position=position,
        id=item.get("id") or f"step-{position + 1}",
        name=item.get("name") or item["action"],
        action=item["action"],
        input=given or {},
        condition=item.get("if"),
        each=item.get("each"),
    )


def _check(where: str, name: str, value: object, kind: Any, words: str) -> None:
    if not isinstance(value, kind):
        raise Invalid(f"{where}.{name} must be {words}.", field=f"{where}.{name}")


def check_actions(steps: Sequence[Step], registry: ActionRegistry, *, is_dry_run: bool = False) -> None:
    """Raise before anything runs when a step names an action that does not exist.

    NotFound for unknown ones; Unavailable when a real run would certainly come to one of Backstage's that this portal
    does not have. Both name all such steps.
    """
    unknown = [step for step in steps if registry.find(step.action) is None]
    if unknown:
        named = ", ".join(f"{step.action!r} in the step {step.name!r}" for step in unknown)
        raise NotFound(f"This portal has no action {named}.", actions=[step.action for step in unknown])
    if is_dry_run:
        return
    doomed = [action for step in steps if step.condition in {None, True} and (action := _foreign(step, registry))]
    if doomed:
        advice = " ".join(dict.fromkeys(action.advice for action in doomed))
        raise Unavailable(f"This blueprint cannot run here. {advice}", actions=[action.id for action in doomed])


def _foreign(step: Step, registry: ActionRegistry) -> ForeignAction | None:
    action = registry.find(step.action)
    return action if isinstance(action, ForeignAction) else None
