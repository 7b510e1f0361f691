"""The closure of the space tree: who is above whom, and whether the way up is open."""

from __future__ import annotations

from django.db import connection

from portal.spaces.models import SpaceLink


def rebuild_links() -> None:
    """Compute the closure anew in one statement. Trees are small (thousands), changes to them rare."""
    SpaceLink.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up(ancestor, descendant, depth, is_open) AS (
                SELECT id, id, 0, true FROM spaces_space
                UNION ALL
                SELECT hop.parent_id, up.descendant, up.depth + 1, up.is_open AND hop.is_inheriting
                FROM up JOIN spaces_space hop ON hop.id = up.ancestor
                WHERE hop.parent_id IS NOT NULL
            )
            INSERT INTO spaces_link (ancestor_id, descendant_id, depth, is_open)
            SELECT ancestor, descendant, depth, is_open FROM up
            """
        )


def lock_tree() -> None:
    """Let one change of the tree happen at a time, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('spaces.tree'))")
