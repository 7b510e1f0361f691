"""Who may see and change how accounts and entities are linked.

A link gives no right to anything: bindings alone do. It says what is "mine".
"""

from __future__ import annotations

from portal.accounts.subjects import Subject
from portal.lib.errors import NotFound
from portal.spaces import access, people
from portal.spaces.permissions import Permission


def may_manage(subject: Subject) -> bool:
    """Links belong to no space, so that all of them are a matter of those who manage people at root."""
    return people.may_manage(subject)


def check_manage(subject: Subject) -> None:
    """Raise ``NotFound`` for everybody else."""
    if not may_manage(subject):
        raise NotFound("There is no such page, or you may not see it.")


def may_look_up(subject: Subject) -> bool:
    """May accounts be shown to the subject, as on the page of people?"""
    return bool(access.reach(subject, Permission.USER_MANAGE))
