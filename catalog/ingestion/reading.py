"""Reading a location: walk it, write what has changed, keep what was good where reading failed, tell every problem."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.entities.refs import LocationRef
from catalog.entities.writing import Incoming, Outcome, mark_entities, put_entities, remove_entities, serve_waiting
from catalog.ingestion.keepers import reader_for
from catalog.ingestion.models import Location, Problem, Reason
from catalog.ingestion.sources import Sources, local_root
from catalog.ingestion.walking import Found, Trouble, Walk, rules_from_settings
from portal.lib.errors import PortalError
from portal.spaces.models import Space

# How an entity names the space below its location's that it belongs in; the second name is an older one.
SPACE = "callboard.dev/space"
_SPACES = (SPACE, "callboard.io/space")
_BATCH = 5000
_LONGEST_WAIT = timedelta(days=1)


@dataclass(slots=True)
class Reading:
    """What a reading did. ``freed`` are references that nobody gives any more, which others may be waiting for."""

    outcome: Outcome = field(default_factory=Outcome)
    troubles: list[Trouble] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)
    is_unchanged: bool = False
    is_postponed: bool = False


def sources_for(location: Location) -> Sources:
    """What this location may read; those of operators may name files and repositories of this machine."""
    if location.type == "file":
        return Sources(root=local_root(Path(location.target)), local_git=True)
    return Sources(local_git=location.target.startswith("file://"), repository=reader_for(location))


def read_location(location: Location) -> Reading:
    """Bring the catalog up to date with a location. Never raises for what is wrong with its content."""
    with sources_for(location) as sources:
        later = sources.repository.wait_until if sources.repository is not None else None
        if later is not None and later > timezone.now():
            location.next_at = later
            location.save(update_fields=["next_at"])
            return Reading(is_unchanged=True, is_postponed=True)
        if _still_holds(sources, location):
            _finish(location, location.marks, "")
            return Reading(is_unchanged=True)
        sources.marks.clear()
        origin = LocationRef(location.type, location.target)
        walk = Walk(origin, sources, location.is_optional, rules_from_settings())
        try:
            with _few_collections():
                reading = _Reader(location, walk).run()
        except _Gone:
            return Reading()
    is_broken = any(trouble.reason == Reason.UNREADABLE for trouble in reading.troubles)
    root = [trouble.message for trouble in reading.troubles if trouble.parent_ref == location.entity_ref
            and trouble.reason == Reason.UNREADABLE and trouble.address == str(location)]  # fmt: skip
    _finish(location, {} if is_broken else sources.marks, root[0] if root else "")
    return reading


class Given(Protocol):
    """What is given to a location: the entities in their order, and the troubles when the iteration has ended."""

    troubles: list[Trouble]

    def __iter__(self) -> Iterator[Found]: ...


def bring(location: Location, given: Given, *, removed: Collection[str] | None = None, batch: int = 1000) -> Reading:
    """Bring the catalog up to date with what a provider gives to its location.

    It is all that the location gives, or with ``removed`` only what has changed: entities to add or change, and
    references of those to remove. Never raises for what is wrong with the content.
    """
    with _few_collections():
        return _Reader(location, given, batch).run(removed)


def _still_holds(sources: Sources, location: Location) -> bool:
    try:
        return sources.still_hold(location.marks)
    except PortalError:
        return False


def _finish(location: Location, marks: dict[str, str], error: str) -> None:
    location.marks, location.error, location.read_at = marks, error, timezone.now()
    location.failures = location.failures + 1 if error else 0
    # What could not be read to its end is tried again as soon as anything else.
    usual = (location.every_seconds if marks else None) or settings.CATALOG_REFRESH_SECONDS
    wait = timedelta(seconds=usual) * 2 ** min(location.failures, 8)
    location.next_at = timezone.now() + min(wait, _LONGEST_WAIT)
    # One that was moved to another address meanwhile is read anew from there.
    here = Location.objects.filter(pk=location.pk, type=location.type, target=location.target)
    here.update(**{name: getattr(location, name) for name in ("marks", "error", "read_at", "failures", "next_at")})


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the garbage collector look rarely: documents hold no circles, and looking takes a third of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Gone(Exception):
    """The location was unregistered or moved to another address while it was read."""


class _Reader:
    def __init__(self, location: Location, walk: Given, batch: int = _BATCH) -> None:
        self.location = location
        self.walk = walk
        self.batch = batch
        self.reading = Reading()
        self.seen: set[str] = set()
        self.spaces = Spaces(location.space)

    def run(self, removed: Collection[str] | None = None) -> Reading:
        batch: list[Incoming] = []
        for found in self.walk:
            self.seen.add(found.ref)
            batch.append(self._incoming(found))
            if len(batch) >= self.batch:
                self._put(batch)
                batch = []
        self._put(batch)
        serve_waiting()
        if removed is None:
            self._settle()
        else:
            self._change(removed)
        self.reading.troubles = self.walk.troubles
        return self.reading

    def _incoming(self, found: Found) -> Incoming:
        annotations = found.entity["metadata"].get("annotations", {})
        space_id, complaint = self.spaces.of(next((annotations[name] for name in _SPACES if name in annotations), None))
        if complaint:
            self.walk.troubles.append(
                Trouble(Reason.SPACE, complaint, found.address, found.document, found.line, found.ref)
            )
        return Incoming(
            found.ref, found.entity, found.relations, space_id, self.location.pk,
            found.parent_ref, found.address, found.document, found.line,
        ).seal()  # fmt: skip

    def _put(self, batch: list[Incoming]) -> None:
        if not batch:
            return
        with transaction.atomic():
            self._hold()
            outcome = put_entities(batch, is_batch=True)
        total = self.reading.outcome
        total.added += outcome.added
        total.changed += outcome.changed
        total.unchanged += outcome.unchanged
        self.walk.troubles += [conflict(item) for item in outcome.conflicts]

    def _hold(self) -> None:
        """Keep the location from being unregistered until the transaction ends. Raises ``_Gone``."""
        place = (self.location.pk, self.location.type, self.location.target)
        with connection.cursor() as cursor:
            # Signs of life of the lease go on beside this lock; only deleting waits for it.
            cursor.execute(
                "SELECT FROM ingestion_location WHERE id = %s AND type = %s AND target = %s FOR KEY SHARE", place
            )
            if cursor.rowcount == 0:
                raise _Gone

    @transaction.atomic
    def _settle(self) -> None:
        """Delete what the location no longer gives, show errors on what stays, and list the problems."""
        self._hold()
        left = list(
            Entity.objects.filter(location=self.location).exclude(ref__any=self.seen)
            .values_list("pk", "ref", "address", "parent_ref")
        )  # fmt: skip
        errors, kept = self._kept(left)
        gone = [(pk, ref) for pk, ref, *_ in left if pk not in kept]
        self.reading.outcome.removed = remove_entities([pk for pk, _ in gone])
        self.reading.freed = [ref for _, ref in gone]
        mark_entities(errors | self._parents_errors())
        self._list_problems()

    @transaction.atomic
    def _change(self, removed: Collection[str]) -> None:
        """Delete what was removed, show errors on what stays as it was, and list the problems of what was named."""
        mine = Entity.objects.filter(location=self.location)
        gone = list(mine.filter(ref__any=set(removed) - self.seen).values_list("pk", "ref"))
        self.reading.outcome.removed = remove_entities([pk for pk, _ in gone])
        self.reading.freed = [ref for _, ref in gone]
        by_ref, _ = _messages(self.walk.troubles)
        refused = mine.filter(ref__any=by_ref.keys() - self.seen).values_list("pk", "ref")
        mark_entities({pk: by_ref[ref] for pk, ref in refused})
        self._list_problems(self.seen | set(removed) | {trouble.ref for trouble in self.walk.troubles})

    def _kept(self, left: list[tuple[int, str, str, str]]) -> tuple[dict[int, list[str]], set[int]]:
        """Which of the entities that were not found stay, because what gave them could not be read, and why."""
        by_ref, by_file = _messages(self.walk.troubles)
        errors: dict[int, list[str]] = {}
        for pk, ref, address, _ in left:
            if found := by_ref.get(ref) or by_file.get(address):
                errors[pk] = found
        kept_refs = {ref for pk, ref, *_ in left if pk in errors}
        kept = set(errors)
        # NOTE: what hangs on a Location that stays, or on one whose pattern cannot be read now, stays with it.
        broken = {trouble.parent_ref for trouble in self.walk.troubles if trouble.reason == Reason.UNREADABLE
                  and trouble.detail_reason != "schema" and self._is_listing(trouble)}  # fmt: skip
        for pk, ref, _, parent_ref in sorted(left, key=lambda row: row[0]):
            if parent_ref in kept_refs or parent_ref in broken:
                kept.add(pk)
                kept_refs.add(ref)
        return errors, kept

    def _is_listing(self, trouble: Trouble) -> bool:
        """A folder, pattern or repository that could not be listed; which files it has is not known then."""
        return (
            not Entity.objects.filter(location=self.location, address=trouble.address).exclude(parent_ref="").exists()
        )

    def _parents_errors(self) -> dict[int, list[str]]:
        """Errors of reading that entities show which are there: Locations whose targets cannot be read."""
        messages: dict[str, list[str]] = {}
        for trouble in self.walk.troubles:
            if trouble.reason == Reason.UNREADABLE and trouble.parent_ref:
                messages.setdefault(trouble.parent_ref, []).append(f"InputError: {trouble.message}")
        rows = Entity.objects.filter(ref__any=messages, location=self.location).values_list("pk", "ref")
        return {pk: messages[ref][:20] for pk, ref in rows}

    def _list_problems(self, refs: Collection[str] | None = None) -> None:
        """List the troubles in place of those before: of all, or of some references only."""
        before = Problem.objects.filter(location=self.location)
        (before if refs is None else before.filter(ref__any=refs)).delete()
        rows = [
            Problem(
                location=self.location,
                reason=trouble.reason,
                detail_reason=trouble.detail_reason,
                address=_clean(trouble.address),
                document=trouble.document,
                line=trouble.line,
                ref=_clean(trouble.ref)[:255],
                message=_clean(trouble.message),
            )
            for trouble in self.walk.troubles
        ]
        Problem.objects.bulk_create(rows, batch_size=1000)


def _messages(troubles: Iterable[Trouble]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Error texts by the reference of the refused document, and by the file that could not be read as a whole."""
    by_ref: dict[str, list[str]] = {}
    by_file: dict[str, list[str]] = {}
    for trouble in troubles:
        if trouble.ref and trouble.reason == Reason.REJECTED:
            by_ref.setdefault(trouble.ref, []).append(f"InputError: {trouble.message}")
        elif trouble.reason == Reason.UNREADABLE or (trouble.reason == Reason.REJECTED and not trouble.ref):
            by_file.setdefault(trouble.address, []).append(f"InputError: {trouble.message}")
    return by_ref, by_file


def conflict(item: Incoming) -> Trouble:
    """The trouble of a name that is taken."""
    message = (
        f"{item.ref} exists already, from another document or location. "
        "The first one stays; rename this one or remove the other."
    )
    return Trouble(Reason.CONFLICT, message, item.address, item.document, item.line, item.ref, "conflict")


def _clean(text: str) -> str:
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


class Spaces:
    """The space of each entity: that of its location, or one below it that the entity names."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._below: dict[str, int] | None = None

    def of(self, slug: object) -> tuple[int, str]:
        """The key of the space, and what is wrong with ``slug`` where it is no space below the location's."""
        if slug in (None, "", self._space.slug):
            return self._space.pk, ""
        if self._below is None:
            rows = Space.objects.filter(links_up__ancestor=self._space).values_list("slug", "pk")
            self._below = dict(rows)
        # SECURITY: a file may move its entity down the tree only, never into a space that its location has no say in.
        found = self._below.get(slug) if isinstance(slug, str) else None
        if found is None:
            return self._space.pk, f"{SPACE}: {slug} is no space below {self._space.slug}; the entity stays there."
        return found, ""
