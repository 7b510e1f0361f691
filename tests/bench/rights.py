"""What rights cost: lists, counts, facets and search of people with partial rights, beside those of the root admin.

1,000 spaces 8 deep, 500 groups nested 5 deep, 10,000 people, 1,000,000 grants on single entities: the world is written
straight into the tables, then the portal is asked over HTTP as everybody asks it.
"""

from __future__ import annotations

import json
import statistics
from typing import Any

import psycopg

from tests.bench.measures import Client, Row, milliseconds
from tests.journeys.portal import Portal

SPACES, GROUPS, PEOPLE, GRANTS = 1000, 500, 10_000, 1_000_000
# In the portal's own process: one object, with the rights of its subject already found.
_CAN = """
import json, statistics, time
from django.contrib.auth import get_user_model
from catalog.entities.models import Entity
from portal.accounts.subjects import person
from portal.spaces import access
found = []
for name in {names!r}:
    subject = person(get_user_model().objects.get(username=name))
    rows = list(Entity.objects.order_by("?")[:200])
    access.can(subject, "entity:read", rows[0])
    for row in rows:
        start = time.perf_counter()
        access.can(subject, "entity:read", row)
        found.append((time.perf_counter() - start) * 1000)
print(json.dumps([statistics.median(found), max(found)]))
"""
_WORLD = f"""
-- A third of the number is the parent's number; the first ten make a chain, so that the tree is 8 deep.
INSERT INTO spaces_space (uid, slug, name, description, is_inheriting, created_at, labels, parent_id)
    SELECT gen_random_uuid(), 'bench-' || n, 'Bench ' || n, '', n % 4 <> 0, now(), '{{}}',
        (SELECT id FROM spaces_space WHERE slug = 'root') FROM generate_series(1, {SPACES}) n;
UPDATE spaces_space s SET parent_id = p.id FROM spaces_space p
    WHERE s.slug LIKE 'bench-%' AND substr(s.slug, 7)::int > 3
    AND p.slug = 'bench-' || CASE WHEN substr(s.slug, 7)::int <= 10 THEN substr(s.slug, 7)::int - 3
        ELSE substr(s.slug, 7)::int / 3 END;
DELETE FROM spaces_link WHERE depth > 0 OR descendant_id IN (SELECT id FROM spaces_space WHERE slug LIKE 'bench-%');
INSERT INTO spaces_link (ancestor_id, descendant_id, depth, is_open)
    WITH RECURSIVE up (ancestor, descendant, depth, is_open) AS (
        SELECT id, id, 0, true FROM spaces_space
        UNION ALL
        SELECT s.parent_id, up.descendant, up.depth + 1, up.is_open AND s.is_inheriting
        FROM up JOIN spaces_space s ON s.id = up.ancestor WHERE s.parent_id IS NOT NULL)
    SELECT ancestor, descendant, depth, is_open FROM up ON CONFLICT DO NOTHING;
INSERT INTO auth_group (name) SELECT 'bench-' || n FROM generate_series(1, {GROUPS}) n;
INSERT INTO accounts_group_parent (child_id, parent_id)
    SELECT c.id, p.id FROM auth_group c JOIN auth_group p ON c.name LIKE 'bench-%' AND p.name LIKE 'bench-%'
        AND substr(c.name, 7)::int = substr(p.name, 7)::int + 100;
INSERT INTO accounts_user (uid, username, display_name, email, password, is_superuser, is_staff, is_active, date_joined,
        first_name, last_name)
    SELECT gen_random_uuid(), 'bench-' || n, '', '', '!', false, false, true, now(), '', ''
    FROM generate_series(1, {PEOPLE}) n;
INSERT INTO accounts_user_groups (user_id, group_id)
    SELECT u.id, g.id FROM accounts_user u JOIN auth_group g ON u.username LIKE 'bench-%' AND g.name LIKE 'bench-%'
        AND substr(g.name, 7)::int = {GROUPS} - substr(u.username, 7)::int % 100;
INSERT INTO spaces_binding (uid, space_id, role_id, group_id, created_at)
    SELECT gen_random_uuid(), s.id, r.id, g.id, now() FROM auth_group g
    JOIN spaces_role r ON r.slug = CASE substr(g.name, 7)::int % 3 WHEN 0 THEN 'writer' ELSE 'reader' END
    JOIN spaces_space s ON s.slug = 'bench-' || (substr(g.name, 7)::int * 7 % {SPACES} + 1)
    WHERE g.name LIKE 'bench-%';
UPDATE entities_entity e SET space_id = s.id FROM spaces_space s WHERE s.slug = 'bench-' || (e.id % {SPACES} + 1);
TRUNCATE entities_facet_count;
INSERT INTO entities_facet_count (key, kind_key, space_id, value, count)
    SELECT split_part(pair, '=', 1), kind_key, space_id, substr(pair, strpos(pair, '=') + 1), count(*)
    FROM entities_entity, unnest(counted) pair GROUP BY 1, 2, 3, 4;
CREATE TEMP TABLE thing AS SELECT id, (row_number() OVER () - 1)::int AS place FROM entities_entity;
CREATE TEMP TABLE who AS
    SELECT id, (row_number() OVER () - 1)::int AS place FROM accounts_user WHERE username LIKE 'bench-%';
CREATE UNIQUE INDEX ON thing (place);
CREATE UNIQUE INDEX ON who (place);
ANALYZE thing;
ANALYZE who;
-- A hundred things for each person, spread over all of them.
INSERT INTO entities_entityuserpermission (content_object_id, permission_id, user_id)
    SELECT thing.id, p.id, who.id FROM who CROSS JOIN generate_series(0, {GRANTS // PEOPLE} - 1) n
    JOIN thing ON thing.place = (who.place::bigint * 7919 + n * 13) % (SELECT count(*) FROM thing)
    CROSS JOIN (
        SELECT p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
        WHERE p.codename = 'entity:read' AND t.model = 'entity') p
    ON CONFLICT DO NOTHING;
"""


def measure_rights(portal: Portal, database: str) -> list[Row]:
    """The rows of the rights' table; the catalog is there already."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_WORLD)  # type: ignore[arg-type]
        connection.execute("ANALYZE")
        depth = _one(connection, "SELECT max(depth) FROM spaces_link")
        grants = _one(connection, "SELECT count(*) FROM entities_entityuserpermission")
    names = [f"bench-{number}" for number in (1, 77, 1234, 5000, 9999)]
    tokens = [portal.manage("create_token", name, "--name", "bench").strip() for name in names]
    rows: list[Row] = [("grants on single entities, depth of spaces", f"{grants:,}", f"{depth} deep")]
    for what, path in (
        ("list", "/api/catalog/entities/by-query?filter=kind=component&orderField=metadata.name,asc&limit=20"),
        ("count", "/api/catalog/entities/by-query?filter=kind=component&limit=0"),
        ("facets", "/api/catalog/entity-facets?facet=spec.type&facet=kind&filter=kind=component"),
        (
            "search",
            "/api/catalog/entities/by-query?fullTextFilterTerm=component-1&fullTextFilterFields=metadata.name,metadata.title&limit=20",
        ),
    ):
        base = _asked(portal, portal.token, path)
        own = statistics.median(_asked(portal, token, path) for token in tokens)
        rows.append((f"rights: {what}", f"{own:.1f} ms", f"{own / base:.2f} × the admin's {base:.1f} ms"))
    usual, worst = json.loads(portal.manage("shell", "-c", _CAN.format(names=names)).strip().splitlines()[-1])
    rows.append(("rights: one object, warm", f"{usual:.2f} ms", f"{worst:.2f} ms at most of 1,000"))
    return rows


def _one(connection: psycopg.Connection[Any], sql: str) -> Any:
    row = connection.execute(sql).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def _asked(portal: Portal, token: str, path: str) -> float:
    # A connection of its own: the server closes those that were silent for a while.
    client = Client(portal.port, token)
    return milliseconds(lambda: client.ask("GET", path), times=25, warm=4)
