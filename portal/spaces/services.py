"""Verbs on spaces. Bindings, roles, tokens, moves and requests for access have modules of their own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Conflict, Forbidden, Invalid
from portal.spaces import access
from portal.spaces.models import ROOT_SLUG, Space, SpaceLink
from portal.spaces.permissions import Permission
from portal.spaces.roles import ensure_system_roles
from portal.spaces.shapes import clean
from portal.spaces.tree import lock_tree, rebuild_links

MOST_LABELS = 20


def ensure_ground(**_: Any) -> None:
    """Create the root space and the system roles. Safe to repeat."""
    with transaction.atomic():
        Space.objects.get_or_create(
            slug=ROOT_SLUG, defaults={"name": "Root", "description": "The top of the tree.", "is_inheriting": False}
        )
        ensure_system_roles()
        if not SpaceLink.objects.exists():
            rebuild_links()


def is_root_admin(subject: Subject) -> bool:
    """May the subject change spaces everywhere?"""
    return access.reach(subject, Permission.SPACE_UPDATE).everywhere


@transaction.atomic
def create_space(
    *, subject: Subject, parent: Space, slug: str, name: str, description: str = "", is_inheriting: bool = True,
    labels: list[str] | None = None,
) -> Space:  # fmt: skip
    """Create a space below ``parent``. Needs ``space:create`` there; only admins of root make one that is closed."""
    access.check_in(subject, Permission.SPACE_CREATE, parent)
    if not is_root_admin(subject):
        if not settings.SPACE_ADMINS_MAY_CREATE:
            raise Forbidden("In this installation only admins of the root space make spaces.")
        _check_gate(is_inheriting, was_inheriting=True)
    lock_tree()
    space = Space(
        slug=slug, name=name, description=description, parent=parent, is_inheriting=is_inheriting,
        labels=cleaned_labels(labels or []),
    )  # fmt: skip
    clean(space)
    space.save()
    rebuild_links()
    subject.memo.clear()
    audit.record(
        subject=subject, action="space.create", obj=space, parent=parent.slug, is_inheriting=is_inheriting,
        labels=space.labels,
    )  # fmt: skip
    return space


def _check_gate(is_inheriting: bool, *, was_inheriting: bool) -> None:
    # SECURITY: closing escapes what the spaces above enforce; opening lets everybody in here read what lies above.
    if is_inheriting != was_inheriting:
        raise Forbidden("Only an admin of the root space decides whether a space inherits.")


def cleaned_labels(labels: list[str]) -> list[str]:
    """Labels without blanks and doubles, in order. Raises ``Invalid`` for too many or too long ones."""
    found = list(dict.fromkeys(label.strip() for label in labels if label.strip()))
    message = ""
    if len(found) > MOST_LABELS:
        message = f"{len(found)} labels are too many; a space has {MOST_LABELS} at most."
    elif too_long := [label for label in found if len(label) > 63]:
        message = f"“{too_long[0][:30]}…” is longer than 63 characters."
    if message:
        raise Invalid(message, errors=[{"field": "labels", "message": message}])
    return found


@transaction.atomic
def update_space(
    *, subject: Subject, space: Space, name: str, description: str = "", is_inheriting: bool | None = None,
    labels: list[str] | None = None,
) -> Space:  # fmt: skip
    """Change name, description and, where given, labels and whether the space inherits (admins of root only)."""
    access.check(subject, Permission.SPACE_UPDATE, space)
    if is_inheriting is not None and not space.is_root:
        if not is_root_admin(subject):
            _check_gate(is_inheriting, was_inheriting=space.is_inheriting)
        space.is_inheriting = is_inheriting
    space.name, space.description = name, description
    space.labels = space.labels if labels is None else cleaned_labels(labels)
    clean(space)
    lock_tree()
    space.save(update_fields=["name", "description", "is_inheriting", "labels"])
    rebuild_links()
    subject.memo.clear()
    audit.record(
        subject=subject, action="space.update", obj=space, name=name, is_inheriting=space.is_inheriting,
        labels=space.labels,
    )  # fmt: skip
    return space


@transaction.atomic
def delete_space(*, subject: Subject, space: Space) -> None:
    """Delete an empty space; anything that still lives in it is named in the ``Conflict``."""
    access.check(subject, Permission.SPACE_DELETE, space)
    if space.is_root:
        raise Conflict("The root space can not be deleted.")
    lock_tree()
    audit.record(subject=subject, action="space.delete", obj=space, space=space.parent)
    try:
        space.delete()
    except ProtectedError as error:
        kinds = sorted({str(obj._meta.verbose_name_plural) for obj in error.protected_objects})
        raise Conflict(f"“{space.name}” still holds {', '.join(kinds)}. Move or delete them first.") from error
    rebuild_links()
    subject.memo.clear()
