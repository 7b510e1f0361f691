"""The location that owns what a provider gives, where there are no files to own it."""

from __future__ import annotations

from catalog.entities.refs import LocationRef
from catalog.ingestion.keepers import PROVIDED
from catalog.ingestion.models import Location, LocationState
from catalog.providers.models import Provider


def origin_of(provider: Provider) -> LocationRef:
    """How entities say where they came from: ``provider:name``."""
    return LocationRef(PROVIDED, provider.name)


def home_of(provider: Provider) -> Location:
    """The location of a provider, made at the first call."""
    if provider.home is None:
        provider.home = Location.objects.create(
            type=PROVIDED, target=provider.name, space=provider.space, entity_ref="", state=LocationState.READ,
            created_by=provider.created_by,
        )  # fmt: skip
        provider.save(update_fields=["home"])
    return provider.home
