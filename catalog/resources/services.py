"""Keeping the inventory: called at the end of runs with what stands now. Rights are those of the run that calls."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.resources.models import Health, Resource
from portal.spaces.models import Space


@dataclass(frozen=True, slots=True)
class StackFacts:
    """What a resource repeats of the stack that manages it."""

    uid: uuid.UUID
    slug: str
    name: str
    space: Space
    entity_ref: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that stands. ``attributes`` are JSON without secrets."""

    address: str
    type: str
    name: str
    provider: str = ""
    health: Health = Health.OK
    note: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()


_COLUMNS = [
    "space", "stack_slug", "stack_name", "entity_ref", "type", "name", "provider", "health", "health_note",
    "attributes", "dependencies", "last_run_uid", "updated_at", "checked_at",
]  # fmt: skip


@transaction.atomic
def sync_resources(
    *, stack: StackFacts, standing: Iterable[Standing], run_uid: uuid.UUID, is_complete: bool
) -> dict[str, int]:
    """Record what stands of a stack after a run. With ``is_complete`` whatever is not named is gone.

    Returns how many are there and how many were taken out.
    """
    known = {resource.address: resource for resource in Resource.objects.filter(stack_uid=stack.uid)}
    rows = [
        _row(stack, thing, run_uid, known.get(thing.address)) for thing in {t.address: t for t in standing}.values()
    ]
    Resource.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["stack_uid", "address"], update_fields=_COLUMNS
    )
    gone = 0
    if is_complete:
        left = Resource.objects.filter(stack_uid=stack.uid).exclude(address__any=[row.address for row in rows])
        gone, _ = left.delete()
    return {"standing": len(rows), "gone": gone}


def _row(stack: StackFacts, thing: Standing, run_uid: uuid.UUID, old: Resource | None) -> Resource:
    now = timezone.now()
    attributes = dict(thing.attributes)
    is_same = old is not None and old.attributes == attributes and old.type == thing.type
    return Resource(
        space=stack.space,
        stack_uid=stack.uid,
        stack_slug=stack.slug,
        stack_name=stack.name,
        entity_ref=stack.entity_ref,
        address=thing.address,
        type=thing.type[:200],
        name=thing.name[:300],
        provider=thing.provider[:300],
        health=thing.health,
        health_note=thing.note,
        attributes=attributes,
        dependencies=list(thing.dependencies),
        first_run_uid=run_uid,
        last_run_uid=old.last_run_uid if old and is_same else run_uid,
        updated_at=old.updated_at if old and is_same else now,
        checked_at=now,
    )


def doubt_resources(*, stack_uid: uuid.UUID, note: str) -> int:
    """Say that nobody knows how the resources of a stack are, and why; returns how many there are."""
    return Resource.objects.filter(stack_uid=stack_uid).update(health=Health.UNKNOWN, health_note=note)


def rename_stack(*, stack_uid: uuid.UUID, name: str, entity_ref: str) -> None:
    """Repeat what changed of a stack."""
    Resource.objects.filter(stack_uid=stack_uid).update(stack_name=name, entity_ref=entity_ref)


def forget_stack(*, stack_uid: uuid.UUID) -> None:
    """Take the resources of a stack out of the inventory."""
    Resource.objects.filter(stack_uid=stack_uid).delete()
