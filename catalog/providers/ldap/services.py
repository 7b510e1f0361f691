"""Bringing the people and groups of a directory into the catalog."""

from __future__ import annotations

from django.db import transaction

from catalog.ingestion.reading import bring
from catalog.ingestion.services import wake_waiting
from catalog.ingestion.walking import rules_from_settings
from catalog.providers.given import Documents
from catalog.providers.homes import home_of, origin_of
from catalog.providers.ldap.entities import entities_of
from catalog.providers.ldap.reading import DirectoryUnreadable, read_entries
from catalog.providers.models import Provider
from catalog.providers.options import DirectoryOptions, parse_options


def read_directory(provider: Provider) -> dict[str, int]:
    """Read a directory and replace what it gave before; the counts. Raises as ``read_entries`` does.

    A directory that suddenly is empty is not believed.
    """
    options = parse_options(provider.kind, provider.options)
    assert isinstance(options, DirectoryOptions)  # noqa: S101 (that is what its kind says)
    users, groups = read_entries(provider, options)
    if not users and not groups and provider.outcome.get("entities"):
        raise DirectoryUnreadable(
            "The directory has no people and no groups any more. What it gave before stays; look at the filters and at "
            "what the account may see. If it is right, delete this provider."
        )
    given = Documents(origin_of(provider), enumerate(entities_of(options, users, groups)), rules_from_settings())
    with transaction.atomic():
        reading = bring(home_of(provider), given)
    wake_waiting(reading.freed)
    done = reading.outcome
    return {
        "users": len(users), "groups": len(groups), "entities": len(given.taken) - len(done.conflicts),
        "rejected": len(reading.troubles), "added": done.added, "changed": done.changed, "removed": done.removed,
    }  # fmt: skip
