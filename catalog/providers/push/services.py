"""The verbs of the push API: put a whole set, or change it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.entities.refs import EntityRef
from catalog.ingestion.reading import Reading, bring
from catalog.ingestion.services import wake_waiting
from catalog.ingestion.walking import Trouble, rules_from_settings
from catalog.providers.given import Broken, Documents
from catalog.providers.homes import home_of, origin_of
from catalog.providers.models import Kind, Provider, State
from catalog.providers.policies import Permission
from catalog.providers.push.bodies import read_lists
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Invalid, PortalError
from portal.spaces import access

MOST_ENTITIES = 20_000
Read = Callable[[int], bytes]


@dataclass(slots=True)
class Pushed:
    """What became of a call: counts, and for each entity of the body whether it was taken, else why not."""

    reading: Reading
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many of the entities are in the catalog now."""
        return sum(row["status"] == "accepted" for row in self.results)


def put_all(*, subject: Subject, provider: Provider, read: Read, is_dry_run: bool = False) -> Pushed:
    """Replace what a provider gave before by the ``entities`` of a body. Needs ``provider:push``.

    An entity that is refused while the one before was good leaves that one in place, with an error in its status. All
    of it happens, or nothing. Raises ``Invalid`` and ``TooLarge`` for a body that is none.
    """
    return _push(subject, provider, _whole(read), None, is_dry_run)


def change_some(*, subject: Subject, provider: Provider, read: Read, is_dry_run: bool = False) -> Pushed:
    """Add or change the entities under ``added`` of a body, and remove those whose references are under ``removed``.

    Rights and errors as in ``put_all``. What is under both is added.
    """
    removed: list[str] = []
    return _push(subject, provider, _delta(read, removed), removed, is_dry_run)


def _whole(read: Read) -> Iterator[tuple[int, Any]]:
    for place, (_name, item) in enumerate(read_lists(read, ("entities",))):
        yield place, _unwrapped(item)


def _delta(read: Read, removed: list[str]) -> Iterator[tuple[int, Any]]:
    place = 0
    for name, item in read_lists(read, ("added", "removed")):
        if name == "added":
            yield place, _unwrapped(item)
            place += 1
        else:
            removed.append(_ref(item))
            if len(removed) > MOST_ENTITIES:
                raise Invalid(f"More than {MOST_ENTITIES} references in one call; give them in several.")


def _unwrapped(item: Any) -> Any:
    """An entity by itself, or as Backstage's mutations wrap it: ``{"entity": …, "locationKey": …}``."""
    if isinstance(item, dict) and "kind" not in item and isinstance(item.get("entity"), dict):
        return item["entity"]
    return item


def _ref(item: Any) -> str:
    text = item.get("entityRef") if isinstance(item, dict) else item
    if isinstance(item, Broken) or not isinstance(text, str):
        raise Invalid("“removed” holds references, as in component:default/name.")
    return str(EntityRef.parse(text.replace("\x00", "")))


class _DryRun(Exception):
    """Leaves the transaction without a trace."""


def _push(
    subject: Subject, provider: Provider, documents: Iterable[tuple[int, Any]], removed: Collection[str] | None,
    is_dry_run: bool,
) -> Pushed:  # fmt: skip
    access.check(subject, Permission.PROVIDER_PUSH, provider)
    if provider.kind != Kind.PUSH:
        raise Conflict(f"{provider.name} is read by the portal itself; make a provider of the kind “push” to push to.")
    if not provider.is_enabled:
        raise Conflict(f"{provider.name} is switched off. Ask an admin of its space to switch it on.")
    pushed: list[Pushed] = []
    try:
        with transaction.atomic():
            pushed.append(_apply(subject, provider, documents, removed))
            if is_dry_run:
                raise _DryRun
    except _DryRun:
        return pushed[0]
    except PortalError as error:
        if not is_dry_run:
            _note_failure(provider, error)
        raise
    wake_waiting(pushed[0].reading.freed)
    return pushed[0]


def _apply(
    subject: Subject, provider: Provider, documents: Iterable[tuple[int, Any]], removed: Collection[str] | None
) -> Pushed:
    # One call after the other: a set that was sent first must not come to lie upon one that was sent later.
    provider = Provider.objects.select_for_update(of=("self",)).select_related("space", "home").get(pk=provider.pk)
    given = Documents(origin_of(provider), documents, rules_from_settings(), MOST_ENTITIES)
    reading = bring(home_of(provider), given, removed=removed)
    pushed = Pushed(reading, _results(given.taken, reading.troubles))
    counts = {
        "accepted": pushed.accepted, "rejected": len(pushed.results) - pushed.accepted,
        "added": reading.outcome.added, "changed": reading.outcome.changed, "unchanged": reading.outcome.unchanged,
        "removed": reading.outcome.removed,
    }  # fmt: skip
    provider.state, provider.error, provider.failures = State.READ, "", 0
    provider.outcome, provider.read_at = counts, timezone.now()
    provider.save(update_fields=["state", "error", "failures", "outcome", "read_at"])
    action = "provider.put" if removed is None else "provider.change"
    audit.record(subject=subject, action=action, obj=provider, counts=counts)
    return pushed


def _note_failure(provider: Provider, error: PortalError) -> None:
    Provider.objects.filter(pk=provider.pk).update(state=State.FAILED, error=error.detail)


def _results(taken: list[tuple[int, str]], troubles: list[Trouble]) -> list[dict[str, Any]]:
    """One row for each entity of the body, in its order. A note beside an entity that is taken does not reject it."""
    rows: dict[int, dict[str, Any]] = {
        place: {"index": place, "ref": ref, "status": "accepted", "reason": "", "message": ""} for place, ref in taken
    }
    for trouble in troubles:
        place = trouble.document or 0
        status = "accepted" if trouble.reason == "space" else "rejected"
        rows[place] = {
            "index": place, "ref": trouble.ref, "status": status,
            "reason": trouble.detail_reason or str(trouble.reason), "message": trouble.message,
        }  # fmt: skip
    return [rows[place] for place in sorted(rows)]
