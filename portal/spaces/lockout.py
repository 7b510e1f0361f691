"""Nobody locks everybody out: somebody stays admin of the root space, for good and with an account that works."""

from __future__ import annotations

from django.db import connection

from portal.lib.errors import Conflict
from portal.spaces.tree import lock_tree

# Expiring bindings do not count: the last admin must not vanish by the clock.
_ROOT_ADMINS = """
    WITH RECURSIVE bound AS (
        SELECT binding.user_id, binding.group_id
        FROM spaces_binding binding
        JOIN spaces_space space ON space.id = binding.space_id AND space.slug = 'root'
        JOIN spaces_role role ON role.id = binding.role_id AND role.slug = 'admin'
        WHERE binding.expires_at IS NULL
    ), held(id) AS (
        SELECT group_id FROM bound WHERE group_id IS NOT NULL
        UNION
        SELECT edge.child_id FROM held JOIN accounts_group_parent edge ON edge.parent_id = held.id
    )
    SELECT EXISTS (
        SELECT FROM accounts_user person
        WHERE person.is_active AND (
            person.id IN (SELECT user_id FROM bound)
            OR person.id IN (SELECT user_id FROM accounts_user_groups WHERE group_id IN (SELECT id FROM held))
        )
    )
"""


def check_root_admin_remains() -> None:
    """Raise ``Conflict`` where the change that was just made leaves nobody who can give roles in the root space."""
    lock_tree()
    with connection.cursor() as cursor:
        cursor.execute(_ROOT_ADMINS)
        row = cursor.fetchone()
    if not row or not row[0]:
        raise Conflict("This is the last admin of the root space. Give somebody else the role there, for good, first.")
