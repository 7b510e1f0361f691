"""Verbs on locations and on the entities that came from them: register, refresh, unregister, delete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from catalog.entities.locations import generated_ref
from catalog.entities.models import Entity
from catalog.entities.policies import Permission as EntityPermission
from catalog.entities.refs import LocationRef, check_target
from catalog.entities.writing import remove_entities
from catalog.ingestion.keepers import PROVIDED, holder_of, read_again
from catalog.ingestion.models import Location, LocationState, Problem, Reason
from catalog.ingestion.policies import Permission
from catalog.ingestion.publishing import publish_reading
from catalog.ingestion.reading import Reading, read_location, sources_for
from catalog.ingestion.walking import Found, Trouble, Walk, rules_from_settings
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.jobs import claims
from portal.lib.errors import Conflict, Forbidden, Invalid
from portal.lib.fetch import parse_source_url
from portal.spaces import access
from portal.spaces.models import Space

TYPES = ("url", "file")
_MOST_PREVIEWED = 500
_LONGEST_TARGET = 2000


@dataclass(slots=True)
class Preview:
    """What a location would give: its entities, what is wrong with it, and whether it is registered already."""

    location: Location
    exists: bool
    found: list[Found] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    is_cut: bool = False


def register_location(
    *,
    subject: Subject,
    type: str,
    target: str,
    space: Space,
    is_optional: bool = False,
    publish: bool = True,
    is_vouched: bool = False,
) -> Location:
    """Register an address and have it read soon. Needs ``location:create`` in the space.

    Files and repositories of this machine are for operators; ``is_vouched`` says that the portal itself put there what
    is read, as a task does that has just pushed it. Raises ``Conflict`` where it is registered already.
    """
    location = _checked(subject, type, target, space, is_optional, is_vouched)
    try:
        with transaction.atomic():
            location.save()
            audit.record(subject=subject, action="location.create", obj=location, target=str(location))
            if publish:
                publish_reading(location)
    except IntegrityError as error:
        raise Conflict(f"Location {location} already exists") from error
    return location


def preview_location(
    *, subject: Subject, type: str, target: str, space: Space, is_optional: bool = False, is_vouched: bool = False
) -> Preview:
    """What registering would bring, without writing anything. Rights and errors as in ``register_location``."""
    location = _checked(subject, type, target, space, is_optional, is_vouched)
    exists = Location.objects.filter(type=location.type, target=location.target).exists()
    preview = Preview(location, exists)
    with sources_for(location) as sources:
        walk = Walk(LocationRef(location.type, location.target), sources, is_optional, rules_from_settings())
        for found in walk:
            preview.found.append(found)
            if len(preview.found) >= _MOST_PREVIEWED:
                preview.is_cut = True
                break
        preview.troubles = walk.troubles
    refs = [found.ref for found in preview.found]
    taken = Entity.objects.filter(ref__any=refs).exclude(location__type=location.type, location__target=location.target)
    preview.taken = set(taken.values_list("ref", flat=True))
    return preview


def _checked(subject: Subject, type_: str, target: str, space: Space, is_optional: bool, is_vouched: bool) -> Location:
    access.check_in(subject, Permission.LOCATION_CREATE, space)
    target = target.replace("\x00", "").strip()
    if type_ not in TYPES:
        raise Invalid(f"Locations of the type “{type_}” are not known; use url.")
    if not target or len(target) > _LONGEST_TARGET:
        raise Invalid(f"Give the address of a catalog file, at most {_LONGEST_TARGET} characters.")
    check_target(target)
    if type_ == "url":
        parse_source_url(target)
    if (type_ == "file" or target.startswith("file:")) and not (is_vouched or _is_operator(subject)):
        # SECURITY: otherwise anybody could have files of the portal's machine read to them.
        raise Forbidden("Files of the portal's own machine are registered by admins of the root space.")
    ref = generated_ref(LocationRef(type_, target))
    return Location(
        type=type_, target=target, space=space, is_optional=is_optional, entity_ref=ref, created_by=subject.user
    )


def _is_operator(subject: Subject) -> bool:
    return access.reach(subject, Permission.LOCATION_DELETE).everywhere


def read_now(location_id: int) -> Reading | None:
    """Read a location while nobody else does; None where somebody is at it, or it is gone."""
    if Location.objects.filter(pk=location_id, type=PROVIDED).exists():
        return None
    location = claims.claim(Location, location_id, LocationState.values, to=LocationState.READING)
    if location is None:
        return None
    with claims.Heartbeat(location):
        reading = read_location(location)
    state = LocationState.FAILED if location.error else LocationState.READ
    if reading.is_postponed and location.read_at is None:
        state = LocationState.QUEUED
    claims.held(location).update(state=state, version=F("version") + 1, lease_until=None)
    location.state = state
    wake_waiting(reading.freed)
    return reading


def wake_waiting(freed: Iterable[str]) -> None:
    """Have locations read again whose documents were in conflict with names that are free now."""
    waiting = Problem.objects.filter(reason=Reason.CONFLICT, ref__any=freed).values("location_id")
    for location in Location.objects.filter(pk__in=waiting):
        queue_reading(location)


def forget_marks(location: Location) -> None:
    """Have the next reading read everything, whatever has changed."""
    Location.objects.filter(pk=location.pk).update(marks={}, next_at=timezone.now())


@transaction.atomic
def queue_reading(location: Location) -> None:
    """Have the location read anew soon."""
    if location.type == PROVIDED:
        read_again(location)
        return
    forget_marks(location)
    publish_reading(location)


@transaction.atomic
def refresh_location(*, subject: Subject, location: Location) -> None:
    """Have a location read again soon. Needs ``location:refresh``."""
    access.check(subject, Permission.LOCATION_REFRESH, location)
    audit.record(subject=subject, action="location.refresh", obj=location)
    queue_reading(location)


@transaction.atomic
def refresh_entity(*, subject: Subject, entity: Entity) -> None:
    """Have the location that an entity came from read again soon. Needs ``entity:refresh``."""
    access.check(subject, EntityPermission.ENTITY_REFRESH, entity)
    audit.record(subject=subject, action="entity.refresh", obj=entity)
    if entity.location is not None:
        queue_reading(entity.location)


def move_location(*, subject: Subject, location: Location, type: str, target: str) -> Location:
    """Have a location read from another address, under the same id. What is not there any more goes when it is read.

    Needs ``location:delete`` on it and what registering the new address needs. Raises ``Conflict`` where that one is
    registered already.
    """
    access.check(subject, Permission.LOCATION_DELETE, location)
    if holder := holder_of(location):
        raise Conflict(f"The provider {holder.name} gives this location. Change or remove it there, or its file.")
    wanted = _checked(subject, type, target, location.space, location.is_optional, is_vouched=False)
    before = str(location)
    location.type, location.target, location.entity_ref = wanted.type, wanted.target, wanted.entity_ref
    try:
        with transaction.atomic():
            location.save(update_fields=["type", "target", "entity_ref"])
            audit.record(subject=subject, action="location.update", obj=location, before=before)
            queue_reading(location)
    except IntegrityError as error:
        raise Conflict(f"Location {location} already exists") from error
    return location


@transaction.atomic
def unregister_location(*, subject: Subject, location: Location) -> int:
    """Remove a location and everything that it gave; how many entities that were. Needs ``location:delete``."""
    access.check(subject, Permission.LOCATION_DELETE, location)
    if holder := holder_of(location):
        raise Conflict(f"The provider {holder.name} gives this location. Change or remove it there, or its file.")
    count = Entity.objects.filter(location=location).count()
    audit.record(subject=subject, action="location.delete", obj=location, target=str(location), entities=count)
    return remove_location(location)


@transaction.atomic
def remove_location(location: Location) -> int:
    """Take a location out with everything that it gave; how many entities that were. Rights are the caller's matter."""
    # Waits for the batch that a reader writes just now; the reader finds it gone then.
    Location.objects.select_for_update(of=("self",)).filter(pk=location.pk).first()
    rows = list(Entity.objects.filter(location=location).values_list("pk", "ref"))
    removed = remove_entities([pk for pk, _ in rows])
    location.delete()
    freed = [ref for _, ref in rows]
    transaction.on_commit(lambda: wake_waiting(freed))
    return removed


@transaction.atomic
def delete_entity(*, subject: Subject, entity: Entity) -> None:
    """Remove one entity. While its location still names it, it comes back with the next reading.

    Needs ``entity:delete``.
    """
    access.check(subject, EntityPermission.ENTITY_DELETE, entity)
    audit.record(subject=subject, action="entity.delete", obj=entity)
    ref, location = entity.ref, entity.location
    remove_entities([entity.pk])
    if location is not None:
        queue_reading(location)
    transaction.on_commit(lambda: wake_waiting([ref]))


def default_space(subject: Subject) -> Space:
    """Where something is registered by clients that know no spaces: root where they may, else their only space."""
    spaces = list(access.spaces_with(subject, Permission.LOCATION_CREATE).order_by("pk")[:2])
    root = next((space for space in spaces if space.is_root), None)
    if root is not None or len(spaces) == 1:
        return root or spaces[0]
    if not spaces:
        raise Forbidden("You may not register catalog files in any space. Ask an admin of a space for the role Writer.")
    raise Invalid("You may register in several spaces. Name one with “space”.")


def facts_of(location: Location) -> dict[str, Any]:
    """How many entities and problems a location has."""
    return {
        "entities": Entity.objects.filter(location=location).count(),
        "problems": location.problems.count(),
    }
