"""How many queries each list takes, as a ledger: a rise is seen as a difference of ``query_counts.json``.

``REFRESH_QUERY_COUNTS=1`` writes the ledger anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.subjects import person
from tests.conftest import Cast
from tests.factories.catalog import make_entity
from tests.factories.providers import make_provider
from tests.factories.stacks import make_stack
from tests.factories.tasks import make_blueprint, make_task
from tests.factories.workloads import make_trust

LEDGER = Path(__file__).with_name("query_counts.json")
LISTS = (
    "/",
    "/catalog/",
    "/catalog/?owner=mine",
    "/create/",
    "/create/tasks/",
    "/stacks/",
    "/stacks/runs/",
    "/resources/",
    "/catalog/-/locations/",
    "/catalog/-/providers/",
    "/spaces/",
    "/spaces/stage/",
    "/people/",
    "/tokens/",
    "/workload-trusts/",
    "/audit/",
    "/search/?q=thing",
    "/api/catalog/entities",
    "/api/catalog/entities/by-query",
    "/api/catalog/entity-facets?facet=kind",
    "/api/catalog/locations",
    "/api/scaffolder/v2/tasks",
    "/api/v1/spaces",
    "/api/v1/bindings",
    "/api/v1/stacks",
    "/api/v1/runs",
    "/api/v1/resources",
    "/api/v1/audit",
    "/api/v1/people/me",
    "/api/v1/workload-trusts",
    "/api/v1/catalog-providers",
)


def fill(cast: Cast, folder: Path, rows: int) -> None:
    """So many entities, tasks and stacks in the space of the cast."""
    blueprint = make_blueprint(folder, cast.space)
    for _ in range(rows):
        make_entity(cast.space)
        make_task(person(cast.owner), blueprint, cast.space)
        make_stack(cast.space)
        make_trust(cast.space)
        make_provider(cast.space)


def count(client: Client, address: str) -> int:
    """Queries of one request whose caches are warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        if answer.streaming:
            list(answer)
    assert answer.status_code == 200
    return len(queries)


@pytest.mark.django_db
def test_it_takes_as_many_queries_as_the_ledger_says_however_many_rows_there_are(cast: Cast, tmp_path: Path) -> None:
    client = Client()
    client.force_login(cast.owner, backend="django.contrib.auth.backends.ModelBackend")
    make_entity(cast.space, "owner", "User", memberOf=["team-a"])
    fill(cast, tmp_path / "few", 2)
    few = {address: count(client, address) for address in LISTS}
    fill(cast, tmp_path / "more", 6)
    more = {address: count(client, address) for address in LISTS}
    assert more == few, "a list takes more queries when it has more rows"
    if os.environ.get("REFRESH_QUERY_COUNTS"):
        LEDGER.write_text(json.dumps(few, indent=2) + "\n")
    assert few == json.loads(LEDGER.read_text())
