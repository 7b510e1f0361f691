"""Which blueprints somebody may see, and what the pickers of a form offer them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet

from catalog.entities.filters import AllOf, AnyOf, Exists, Filter, In
from catalog.entities.models import Entity
from catalog.entities.querysets import condition
from catalog.people.ownership import identity_refs, owned_by
from portal.accounts.subjects import Subject
from portal.spaces import access
from scaffolder.blueprints.reading import Blueprint
from scaffolder.forms.fields import Option, Picker

MOST_OPTIONS = 300


def templates_for(subject: Subject) -> QuerySet[Entity]:
    """Template entities that ``subject`` may see, by title."""
    return (
        access.visible_to(subject, Entity.objects.filter(kind_key="template"))
        .select_related("space")
        .order_by("title", "name")
    )


def get_blueprint_for(subject: Subject, namespace: str, name: str) -> Blueprint:
    """One blueprint by namespace and name; raises ``NotFound`` where it is not visible."""
    ref = f"template:{namespace}/{name}".lower()
    return blueprint_of(access.get_for(subject, Entity.objects.select_related("space"), ref=ref))


def get_blueprint_by_ref(subject: Subject, ref: str) -> Blueprint:
    """One blueprint by its canonical reference."""
    return blueprint_of(
        access.get_for(subject, Entity.objects.select_related("space"), ref=ref.lower(), kind_key="template")
    )


def blueprint_of(entity: Entity) -> Blueprint:
    """The blueprint in a template entity."""
    data = json.loads(entity.served)
    return Blueprint(entity=data, base_url=base_url_of(data), space=entity.space, ref=entity.ref)


def base_url_of(entity: Mapping[str, Any]) -> str:
    """Where relative addresses of a template start: its source location, else the file that it was read from."""
    annotations = entity.get("metadata", {}).get("annotations") or {}
    for key in ("backstage.io/source-location", "backstage.io/managed-by-location"):
        type_, _, target = str(annotations.get(key) or "").partition(":")
        if type_ == "url" and target:
            return target
        if type_ == "file" and target:
            return f"file://{quote(target)}"
    return ""


class Suggestions:
    """Offers what the pickers of a form ask for, as far as the person may see it."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def __call__(self, picker: Picker) -> Sequence[Option]:
        """Up to ``MOST_OPTIONS`` entities for one picker, by title; tags for the tags picker."""
        if picker.field == "EntityTagsPicker":
            return self._tags(picker)
        found = access.visible_to(self.subject, Entity.objects.all())
        if picker.filters:
            found = found.filter(condition(AnyOf(tuple(map(_filter, picker.filters))), self.subject))
        if picker.mine:
            found = found.filter(kind_key="group", ref__in=identity_refs(self.subject))
        if picker.owned:
            found = owned_by(self.subject, found)
        rows = found.order_by("title", "name").values_list("kind", "namespace", "name", "title")[:MOST_OPTIONS]
        return [_option(*row) for row in rows]

    def _tags(self, picker: Picker) -> list[Option]:
        kinds = [str(kind).lower() for kind in picker.settings.get("kinds") or []]
        found = access.visible_to(self.subject, Entity.objects.exclude(tags=[]))
        if kinds:
            found = found.filter(kind_key__in=kinds)
        tags = sorted({tag for tags in found.values_list("tags", flat=True)[:5000] for tag in tags})
        return [Option(tag, tag) for tag in tags[:MOST_OPTIONS]]


def _filter(conditions: Mapping[str, tuple[str, ...] | None]) -> Filter:
    """One alternative of a picker's filter as the catalog asks it."""
    asked = [
        Exists(key.lower()) if values is None else In(key.lower(), tuple(value.lower() for value in values))
        for key, values in conditions.items()
    ]
    return AllOf(tuple(asked))


def _option(kind: str, namespace: str, name: str, title: str) -> Option:
    ref = f"{kind}:{namespace}/{name}".lower()
    return Option(ref, f"{title} ({name})" if title and title != name else name)
