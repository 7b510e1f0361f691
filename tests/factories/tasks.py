"""Blueprints, drafts and tasks for tests."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from catalog.entities.models import Entity
from catalog.ingestion.demo import load_file
from portal.accounts.models import User
from portal.accounts.subjects import Subject, system
from portal.lib import yaml
from portal.spaces.models import Space
from scaffolder.blueprints import drafts
from scaffolder.blueprints.models import Draft
from scaffolder.blueprints.queries import blueprint_of
from scaffolder.blueprints.reading import Blueprint
from scaffolder.tasks.models import Task
from scaffolder.tasks.services import create_task

_numbers = count(1)
FORM = [{"title": "Basics", "required": ["name"], "properties": {"name": {"type": "string", "title": "Name"}}}]
LOG = [{"id": "log", "name": "Say hello", "action": "debug:log", "input": {"message": "Hello ${{ parameters.name }}"}}]


def make_blueprint(
    folder: Path, space: Space, *, steps: list[dict[str, Any]] | None = None, name: str = "", **spec: Any
) -> Blueprint:
    """A template written to ``folder`` and read into the catalog in ``space``; it logs a greeting unless told else."""
    name = name or f"template{next(_numbers)}"
    entity = {
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": name, "title": name.capitalize()},
        "spec": {"owner": "group:default/crew", "type": "service", "parameters": FORM, "steps": steps or LOG, **spec},
    }
    place = folder / name
    place.mkdir(parents=True)
    (place / "template.yaml").write_text(yaml.dump(entity))
    load_file(system(), place / "template.yaml", space)
    return blueprint_of(Entity.objects.select_related("space").get(ref=f"template:default/{name}"))


def make_task(subject: Subject, blueprint: Blueprint, space: Space, **values: Any) -> Task:
    """A task that waits."""
    secrets = values.pop("secrets", None)
    return create_task(
        subject=subject, blueprint=blueprint, space=space, values={"name": "ada", **values}, secrets=secrets
    )


def make_draft(user: User, blueprint: Blueprint) -> Draft:
    """A form that somebody began."""
    return drafts.new_draft(user, blueprint)
