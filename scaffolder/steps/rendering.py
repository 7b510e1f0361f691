"""What the expressions of a step may see: secrets in its input and nowhere else, everything else everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.lib.errors import Invalid
from scaffolder.expressions.engine import Engine
from scaffolder.expressions.values import UNDEFINED, Condition, TemplateWarning, is_truthy
from scaffolder.steps.plan import Step

REDACTED = "***"


@dataclass
class Scope:
    """The values of one run, growing by the output of each step."""

    engine: Engine
    parameters: Mapping[str, Any]
    secrets: Mapping[str, str]
    user: Mapping[str, Any]
    task_id: str
    environment: Mapping[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[TemplateWarning] = field(default_factory=list)

    def holds(self, step: Step, each: Mapping[str, Any] | None = None, *, failed: bool = False) -> bool:
        """Whether a step's ``if`` lets it run; ``failed`` is what ``failure()`` answers."""
        return step.condition is None or self._condition(step.condition, each, failed).holds

    def asks_for_failures(self, step: Step) -> bool:
        """Whether a step's ``if`` calls ``always()`` or ``failure()``: only such steps may run after a failure."""
        return step.condition is not None and self._condition(step.condition, None, failed=True).asks_status

    def _condition(self, condition: str | bool, each: Mapping[str, Any] | None, failed: bool) -> Condition:
        # SECURITY: no secrets here, or whether a step ran would tell about them.
        answer = self.engine.evaluate_condition(condition, self._context(None, each), failed=failed)
        self.warnings += answer.warnings
        return answer

    def input_of(self, step: Step, each: Mapping[str, Any] | None) -> dict[str, Any]:
        """The rendered input of a step."""
        rendered = self._render(step.input, self._context(self.secrets, each))
        return rendered if isinstance(rendered, dict) else {}

    def items_of(self, step: Step) -> list[dict[str, Any]] | None:
        """What ``each`` goes over, as ``{key, value}``; None without one. Raises Invalid for what is no collection."""
        if not step.repeats:
            return None
        found = self._render(step.each, self._context(self.secrets, None))
        if isinstance(found, list):
            return [{"key": str(key), "value": value} for key, value in enumerate(found)]
        if isinstance(found, dict):
            return [{"key": key, "value": value} for key, value in found.items()]
        raise Invalid(f"The each of the step {step.name!r} gives neither a list nor an object.", field="each")

    def output_of(self, template: Any) -> dict[str, Any]:
        """The rendered output of the run, without the links and texts whose ``if`` does not hold."""
        rendered = self._render(template or {}, self._context(None, None))
        if not isinstance(rendered, dict):
            return {}
        return {
            key: _kept(template.get(key), value) if key in {"links", "text"} else value
            for key, value in rendered.items()
        }

    def derived(self, step: Step, each: Mapping[str, Any] | None, rendered: Any) -> list[str]:
        """The texts of a rendered input that would be others without the secrets, and so may give them away."""
        if not self.secrets:
            return []
        context = self._context({}, each)
        return list(_differing(rendered, self.engine.render_value(dict(step.input), context).value))

    def take_warnings(self) -> list[TemplateWarning]:
        """The expressions that failed since this was asked last."""
        taken, self.warnings = self.warnings, []
        return taken

    def _render(self, template: Any, context: dict[str, Any]) -> Any:
        rendered = self.engine.render_value(template, context)
        self.warnings += rendered.warnings
        return None if rendered.value is UNDEFINED else rendered.value

    def _context(self, secrets: Mapping[str, str] | None, each: Mapping[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = {
            "parameters": dict(self.parameters),
            "environment": {"parameters": dict(self.environment), "secrets": {}},
            "steps": {name: {"output": output} for name, output in self.outputs.items()},
            "user": dict(self.user),
            "context": {"task": {"id": self.task_id}},
        }
        if secrets is not None:
            context["secrets"] = dict(secrets)
        if each is not None:
            context["each"] = dict(each)
        return context


def _kept(template: Any, rendered: Any) -> Any:
    """A rendered list without the items whose template has an ``if`` that does not hold."""
    if not isinstance(template, list) or not isinstance(rendered, list):
        return rendered
    return [
        {key: value for key, value in item.items() if key != "if"} if isinstance(item, dict) else item
        for raw, item in zip(template, rendered, strict=True)
        if not (isinstance(raw, dict) and "if" in raw and isinstance(item, dict))
        or is_truthy(item.get("if", UNDEFINED))
    ]


def _differing(value: Any, other: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value != other:
            yield value
    elif isinstance(value, list):
        rest = other if isinstance(other, list) else []
        for position, item in enumerate(value):
            yield from _differing(item, rest[position] if position < len(rest) else None)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _differing(item, other.get(key) if isinstance(other, dict) else None)
