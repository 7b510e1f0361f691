"""The first admin of an installation, and the way back in when nobody else is left."""

from __future__ import annotations

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.subjects import system
from portal.audit import services as audit
from portal.spaces.bindings import bind_role
from portal.spaces.models import ROOT_SLUG, Role, Space
from portal.spaces.permissions import ADMIN


@transaction.atomic
def make_root_admin(*, username: str, password: str) -> User:
    """Make (or reactivate) a person who is Admin of the root space, with this password."""
    user, _ = User.objects.get_or_create(username=username)
    user.is_active = True
    user.set_password(password)
    user.save(update_fields=["is_active", "password"])
    audit.record(subject=system("operator"), action="user.make_root_admin", obj=user)
    bind_role(
        subject=system("operator"),
        space=Space.objects.get(slug=ROOT_SLUG),
        role=Role.objects.get(slug=ADMIN),
        user=user,
    )
    return user
