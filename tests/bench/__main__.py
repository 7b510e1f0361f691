"""``make bench``: start a portal of its own, measure, print one table."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from portal.launcher.database import start_embedded
from tests.bench.generate import write
from tests.bench.measures import Client, Row, milliseconds, with_children
from tests.bench.rights import measure_rights
from tests.bench.schema import measure_schema
from tests.journeys.portal import Portal, environment, free_port

TEMPLATE = """
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: greet}
spec:
  owner: group:default/team-0
  type: service
  steps: [{id: log, action: debug:log, input: {message: "Hello ${{ parameters.name }}"}}]
"""


def measure(portal: Portal, database: str, folder: Path, count: int, rows: list[Row]) -> None:
    """Add all rows of the table to ``rows``, each as soon as it is measured."""
    write(folder / "company", count)
    rows += _ingest(portal, database, folder, count)
    client = Client(portal.port, portal.token)
    rows += _reads(client, database, count)
    (folder / "greet").mkdir()
    (folder / "greet" / "template.yaml").write_text(TEMPLATE)
    portal.manage("ingest", str(folder / "greet" / "template.yaml"), "--space", "root")
    rows += _tasks(client)
    rows += measure_rights(portal, database)


def _ingest(portal: Portal, database: str, folder: Path, count: int) -> list[Row]:
    wall, cpu, peak = with_children(lambda: portal.manage("ingest", str(folder / "company"), "--space", "root"))
    again, again_cpu, _ = with_children(lambda: portal.manage("ingest", str(folder / "company"), "--space", "root"))
    with psycopg.connect(database) as connection:
        size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return [
        (
            f"ingest of {count:,} entities, new",
            f"{wall:.1f} s",
            f"{cpu:.1f} CPU s, {peak:.0f} MiB, {count / wall:,.0f}/s",
        ),
        (
            f"ingest of {count:,} entities, unchanged",
            f"{again:.1f} s",
            f"{again_cpu:.1f} CPU s, start of Python included",
        ),
        ("database afterwards", f"{(size or [0])[0] / 2**20:.0f} MiB", ""),
    ]


def _reads(client: Client, database: str, count: int) -> list[Row]:
    name = f"component-{count // 3}"
    by_name = f"/api/catalog/entities/by-name/component/default/{name}"
    page = "/api/catalog/entities/by-query?filter=kind=component&orderField=metadata.name,asc&limit=20"
    facets = "/api/catalog/entity-facets?facet=spec.type&filter=kind=component"
    with psycopg.connect(database, autocommit=True) as connection:
        sql = milliseconds(
            lambda: connection.execute(
                "SELECT served FROM entities_entity WHERE ref = %s", [f"component:default/{name}"]
            ).fetchone()
        )
    asked = milliseconds(lambda: client.ask("GET", by_name))
    liveness = milliseconds(lambda: client.ask("GET", "/healthz"))
    return [
        (
            "by name",
            f"{asked:.2f} ms",
            f"{asked / sql:.1f} × the bare SQL ({sql:.2f} ms); /healthz takes {liveness:.2f} ms",
        ),
        ("ordered page of 20 components, with total", f"{milliseconds(lambda: client.ask('GET', page)):.2f} ms", ""),
        (
            "first page of /entities, limit 20",
            f"{milliseconds(lambda: client.ask('GET', '/api/catalog/entities?limit=20')):.2f} ms",
            "",
        ),
        ("facet spec.type of components", f"{milliseconds(lambda: client.ask('GET', facets)):.2f} ms", ""),
        (
            "dump of everything",
            f"{milliseconds(lambda: client.ask('GET', '/api/catalog/entities'), times=5, warm=1):.0f} ms",
            "",
        ),
    ]


def _tasks(client: Client) -> list[Row]:
    def start() -> str:
        body = {"templateRef": "template:default/greet", "values": {"name": "ada"}, "space": "root"}
        uid: str = json.loads(client.ask("POST", "/api/scaffolder/v2/tasks", body))["id"]
        return uid

    def wait(uid: str) -> None:
        while json.loads(client.ask("GET", f"/api/scaffolder/v2/tasks/{uid}"))["status"] in ("open", "processing"):
            time.sleep(0.005)

    alone = milliseconds(lambda: wait(start()), times=20, warm=3)
    begun = time.perf_counter()
    for uid in [start() for _ in range(150)]:
        wait(uid)
    drained = 150 / (time.perf_counter() - begun)
    return [
        ("one task (debug:log), created to completed", f"{alone:.0f} ms", ""),
        ("150 tasks, created and drained", f"{drained:.0f}/s", ""),
    ]


def show(rows: list[Row]) -> None:
    """Print the table."""
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(2)]
    for what, figure, more in rows:
        print(f"{what:<{widths[0]}}  {figure:>{widths[1]}}  {more}".rstrip())


def main() -> int:
    """Measure with ``BENCH_ENTITIES`` entities (10,000 unless set)."""
    count = int(os.environ.get("BENCH_ENTITIES", "10000"))
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as name:
        folder = Path(name)
        database = start_embedded(folder / "postgres")
        portal = Portal(folder, port := free_port(), environment(folder, port, DATABASE_URL=database))
        try:
            portal.start()
            measure(portal, database, folder, count, rows)
            portal.stop()
            rows += measure_schema(database)
        finally:
            portal.stop()
            # What was measured before something failed is not lost.
            show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
