"""One of each guarded thing in a space, all of them called after the same word, and the addresses that list things."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from catalog.entities.locations import generated_ref
from catalog.entities.refs import LocationRef
from catalog.ingestion.models import Location, Problem, Reason
from catalog.providers.webhooks.services import make_hook
from portal.accounts.models import User
from portal.accounts.subjects import person, system
from portal.spaces.models import Space
from tests.contracts.matrix import Row, nothing
from tests.contracts.test_permission_matrix import rows
from tests.factories.catalog import make_entity
from tests.factories.portal import bind, make_space
from tests.factories.providers import make_provider
from tests.factories.resources import make_resource
from tests.factories.stacks import make_run, make_stack
from tests.factories.tasks import make_blueprint, make_task
from tests.factories.workloads import make_trust

SEARCHES = {
    "ui:search": "?q={word}",
    "ui:search_hits": "?q={word}",
    "catalog:list": "?q={word}",
    "stacks:list": "?q={word}",
    "resources:list": "?q={word}",
    "catalog-entities-by-query": "?fullTextFilterFields=metadata.name&fullTextFilterTerm={word}",
    "catalog-entities": "?filter=metadata.name={word}",
    "catalog-entity-facets": "?facet=metadata.name",
}


def fill(space: Space, owner: User, word: str) -> None:
    """Make one of each guarded thing in ``space``; ``word`` stands in the name of each."""
    entity = make_entity(space, word)
    target = f"https://example.com/{word}.yaml"
    ref = generated_ref(LocationRef("url", target))
    location = Location.objects.create(type="url", target=target, space=space, entity_ref=ref)
    Problem.objects.create(location=location, reason=Reason.UNREADABLE, message=f"{word} can not be read")
    make_hook(subject=system(), provider=make_provider(space, f"{word}-host", "github", owner=word))
    stack = make_stack(space, name=word, slug=word)
    make_run(stack)
    make_resource(space, entity_ref=entity.ref, address=f"bucket.{word}", name=word)
    with tempfile.TemporaryDirectory() as folder:
        blueprint = make_blueprint(Path(folder), space, name=f"{word}-template")
    make_task(person(owner), blueprint, space, name=word)
    make_trust(space, word)
    bind(owner, "reader", make_space(f"{word}-below", space))


def addresses(column: int) -> list[tuple[str, str]]:
    """(name, query) of every address without parts that answers 200 to the person in this column of the matrix."""
    found = [(row.name, row.query) for row in rows() if _lists(row, column)]
    return found + list(SEARCHES.items())


def _lists(row: Row, column: int) -> bool:
    return row.parts is nothing and row.expected.get("GET", "").split()[column:][:1] == ["200"]


def signed_in(user: User) -> Client:
    """A client of somebody."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(user: User, name: str, query: str) -> Any:
    """What ``user`` gets at an address."""
    return signed_in(user).get(reverse(name) + query)
