"""Verbs on providers: set one up, change it, remove it, have it read."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.ingestion.models import Location
from catalog.ingestion.services import queue_reading, remove_location
from catalog.providers.models import Provider, State
from catalog.providers.options import as_json, parse_options, wrong
from catalog.providers.policies import Permission
from catalog.providers.publishing import publish_reading
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Invalid
from portal.spaces import access
from portal.spaces.models import Space
from portal.spaces.shapes import clean

SHORTEST_WAIT = 60
# Their addresses are those of other pages.
_RESERVED = ("new", "webhooks")


def create_provider(
    *, subject: Subject, name: str, kind: str, space: Space, options: dict[str, Any] | None = None, secret: str = "",
    every_seconds: int = 1800, publish: bool = True,
) -> Provider:  # fmt: skip
    """Set up a provider in a space; those that the portal reads are read soon. Needs ``provider:manage`` there.

    Raises ``Invalid`` naming what is wrong, ``Conflict`` where the name is taken.
    """
    access.check_in(subject, Permission.PROVIDER_MANAGE, space)
    provider = Provider(
        name=name.strip(), kind=kind, space=space, secret=secret, every_seconds=max(every_seconds, SHORTEST_WAIT),
        options=as_json(parse_options(kind, options or {})), created_by=subject.user,
    )  # fmt: skip
    if provider.is_read:
        provider.state, provider.next_at = State.QUEUED, timezone.now()
    if provider.name in _RESERVED:
        raise wrong("name", f"{provider.name} is no name for a provider; choose another one.")
    if Provider.objects.filter(name=provider.name).exists():
        raise _taken(provider.name)
    clean(provider)
    try:
        with transaction.atomic():
            provider.save()
            audit.record(subject=subject, action="provider.create", obj=provider, kind=kind, options=provider.options)
            if provider.is_read and publish:
                publish_reading(provider)
    except IntegrityError as error:
        raise _taken(provider.name) from error
    return provider


def _taken(name: str) -> Conflict:
    message = f"The name {name} is taken; choose another one."
    return Conflict(message, errors=[{"field": "name", "message": message}])


@transaction.atomic
def update_provider(*, subject: Subject, provider: Provider, **values: Any) -> None:
    """Change a provider: ``space``, ``options`` (those named), ``secret`` (empty keeps it), ``every_seconds``,
    ``is_enabled``. Needs ``provider:manage``, in the new space too where it moves; what it gave moves along.
    """
    access.check(subject, Permission.PROVIDER_MANAGE, provider)
    row = Provider.objects.select_for_update(of=("self",)).select_related("space", "home").get(pk=provider.pk)
    told = {name: value for name, value in values.items() if name not in ("secret", "space")}
    if "options" in values:
        _change_options(row, values["options"], bool(values.get("secret")))
    if values.get("secret"):
        row.secret = values["secret"]
        told["is_secret_new"] = True
    row.every_seconds = max(values.get("every_seconds", row.every_seconds), SHORTEST_WAIT)
    row.is_enabled = values.get("is_enabled", row.is_enabled)
    if "space" in values and values["space"] != row.space:
        access.check_in(subject, Permission.PROVIDER_MANAGE, values["space"])
        row.space = values["space"]
        told["moved_to"] = row.space.slug
        _move(row)
    clean(row)
    row.save(update_fields=["options", "secret", "every_seconds", "is_enabled", "space"])
    audit.record(subject=subject, action="provider.update", obj=row, **told)
    queue_provider(row)
    provider.refresh_from_db()


def _change_options(row: Provider, changes: dict[str, Any], has_new_secret: bool) -> None:
    before = dict(row.options)
    row.options = as_json(parse_options(row.kind, {**before, **changes}))
    # SECURITY: a stored secret goes where it was meant to go; whoever leads it elsewhere must know it.
    moved = [name for name in ("url", "api_url") if row.options.get(name) != before.get(name)]
    if moved and row.secret and not has_new_secret:
        message = "The address has changed, so give the secret again: it was meant for the address before."
        raise Invalid(message, errors=[{"field": "secret", "message": message}])


def _move(row: Provider) -> None:
    """Take what it gave to its new space: found files are read anew there, the rest moves at once."""
    for location in Location.objects.filter(found_file__repository__provider=row):
        Location.objects.filter(pk=location.pk).update(space=row.space)
        queue_reading(location)
    if row.home is not None:
        if Entity.objects.filter(location=row.home).exists() and not row.is_read:
            raise Conflict(
                "Push an empty set first: what is there belongs to the space, and only its program knows it."
            )
        Location.objects.filter(pk=row.home.pk).update(space=row.space)


@transaction.atomic
def delete_provider(*, subject: Subject, provider: Provider) -> int:
    """Remove a provider with everything that it gave; how many entities that were. Needs ``provider:manage``."""
    access.check(subject, Permission.PROVIDER_MANAGE, provider)
    row = Provider.objects.select_for_update(of=("self",)).select_related("home").get(pk=provider.pk)
    locations = list(Location.objects.filter(found_file__repository__provider=row))
    count = Entity.objects.filter(location__in=[*locations, *([row.home] if row.home else [])]).count()
    audit.record(subject=subject, action="provider.delete", obj=row, entities=count)
    home = row.home
    row.delete()
    for location in [*locations, *([home] if home else [])]:
        remove_location(location)
    return count


@transaction.atomic
def refresh_provider(*, subject: Subject, provider: Provider) -> None:
    """Have a provider read again soon. Needs ``provider:refresh``."""
    access.check(subject, Permission.PROVIDER_REFRESH, provider)
    if not provider.is_read:
        raise Conflict(f"{provider.name} is pushed to; there is nothing to read.")
    audit.record(subject=subject, action="provider.refresh", obj=provider)
    queue_provider(provider)


def queue_provider(provider: Provider) -> None:
    """Have a provider read soon, and once more where it is just being read."""
    if not provider.is_read or not provider.is_enabled:
        return
    Provider.objects.filter(pk=provider.pk).update(next_at=timezone.now(), again=F("again") + 1, failures=0)
    publish_reading(provider)
