"""A blueprint as the rest of the scaffolder sees it: read once from a ``kind: Template`` document (v1beta3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portal.lib.errors import Invalid
from portal.spaces.models import Space
from scaffolder.forms.schemas import PageSchema, read_pages
from scaffolder.forms.validate import validate

API_VERSIONS = ("scaffolder.backstage.io/v1beta3",)


@dataclass(frozen=True)
class Blueprint:
    """Something a developer can ask for. ``base_url`` is what relative addresses in its steps are resolved against."""

    entity: Mapping[str, Any]
    base_url: str = ""
    space: Space | None = None
    ref: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def spec(self) -> Mapping[str, Any]:
        """The template's ``spec``."""
        found = self.entity.get("spec")
        return found if isinstance(found, dict) else {}

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The template's ``metadata``."""
        found = self.entity.get("metadata")
        return found if isinstance(found, dict) else {}

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.metadata.get("title") or self.metadata.get("name") or "Untitled")

    @property
    def description(self) -> str:
        """What it makes, in Markdown."""
        return str(self.metadata.get("description") or "")

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return [str(tag) for tag in self.metadata.get("tags") or []]

    @property
    def type(self) -> str:
        """``spec.type``, by which the gallery groups."""
        return str(self.spec.get("type") or "other")

    @property
    def owner(self) -> str:
        """``spec.owner`` as it is written."""
        return str(self.spec.get("owner") or "")

    @property
    def buttons(self) -> dict[str, str]:
        """Texts of the wizard's buttons, from ``spec.presentation.buttonLabels``."""
        presentation = self.spec.get("presentation")
        labels = presentation.get("buttonLabels") if isinstance(presentation, dict) else None
        labels = labels if isinstance(labels, dict) else {}
        return {
            "back": str(labels.get("backButtonText") or "Back"),
            "review": str(labels.get("reviewButtonText") or "Review"),
            "create": str(labels.get("createButtonText") or "Create"),
        }

    @cached_property
    def pages(self) -> tuple[PageSchema, ...]:
        """The pages of its form; raises ``Invalid`` where its schema is wrong."""
        return read_pages(self.spec.get("parameters"))

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """Its steps with ids and names filled in: ``step-1`` where none is given, the action where no name is."""
        found = self.spec.get("steps")
        if not isinstance(found, list):
            raise Invalid("The blueprint has no list of steps under spec.steps.")
        return [_step(number, step) for number, step in enumerate(found, start=1)]

    def check_values(self, values: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> None:
        """Raise ``Invalid`` with a row for every value that breaks the form's rules."""
        errors = validate(values, self.pages, secrets=secrets)
        if errors:
            rows = [{"field": error.field, "message": error.message, "page": error.page} for error in errors]
            first = f"{errors[0].field}: {errors[0].message}" if errors[0].field else errors[0].message
            raise Invalid(f"Some values are not right. {first}", errors=rows)

    def snapshot(self, values: Mapping[str, Any], *, user: Mapping[str, Any]) -> dict[str, Any]:
        """What a task keeps: the steps and output as they are now, the values, and where relative addresses start.

        ``user`` is what expressions see under that name (see ``requesters``).
        """
        return {
            "apiVersion": self.entity.get("apiVersion"),
            "parameters": dict(values),
            "steps": self.steps,
            "output": self.spec.get("output") or {},
            "templateInfo": {
                "entityRef": self.ref,
                "baseUrl": self.base_url,
                "entity": {"metadata": dict(self.metadata)},
            },
            "user": dict(user),
        }


def _step(number: int, step: Any) -> dict[str, Any]:
    if not isinstance(step, dict) or not isinstance(step.get("action"), str):
        raise Invalid(f"Step {number} of the blueprint is no object with an action.", step=number)
    identifier = str(step.get("id") or f"step-{number}")
    return {**step, "id": identifier, "name": str(step.get("name") or step["action"])}
