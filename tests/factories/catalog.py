"""Entities and locations for tests."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.entities.models import Entity
from catalog.entities.preparing import prepare
from catalog.entities.refs import EntityRef
from catalog.entities.validation import examine
from catalog.entities.writing import Incoming, put_entities
from catalog.ingestion.models import Location
from catalog.ingestion.services import read_now, register_location
from portal.accounts.subjects import system
from portal.spaces.models import Space

_numbers = count(1)


def make_entity(space: Space, name: str = "", kind: str = "Component", **spec: Any) -> Entity:
    """An entity that no location gives; ``metadata`` in ``spec`` adds to its metadata."""
    name = name or f"thing-{next(_numbers)}"
    metadata = {"name": name, **spec.pop("metadata", {})}
    defaults: dict[str, Any] = {"Component": {"type": "service", "lifecycle": "production", "owner": "team-a"},
                                "Group": {"type": "team", "children": []}, "User": {"memberOf": []},
                                "System": {"owner": "team-a"},
                                "Resource": {"type": "database", "owner": "team-a"}}  # fmt: skip
    document = {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": metadata,
                "spec": {**defaults.get(kind, {}), **spec}}  # fmt: skip
    made = examine(prepare(document))
    assert not made.refusals, made.refusals
    ref = str(EntityRef.of(made.entity))
    with transaction.atomic():
        put_entities([Incoming(ref, made.entity, made.relations, space.pk, None).seal()])
    return Entity.objects.get(ref=ref)


def make_location(space: Space, path: Path) -> Location:
    """A registered file or folder of this machine that has been read."""
    location = register_location(subject=system(), type="file", target=str(path), space=space, publish=False)
    read_now(location.pk)
    location.refresh_from_db()
    return location
