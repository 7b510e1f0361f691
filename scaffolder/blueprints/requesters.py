"""Whoever asks for something, as expressions see them under ``user``."""

from __future__ import annotations

import json
from typing import Any

from catalog.entities.querysets import visible_entities
from catalog.entities.withholding import presented_one
from catalog.people.ownership import identity_of
from portal.accounts.models import User
from portal.accounts.subjects import Subject


def user_facts(subject: Subject) -> dict[str, Any]:
    """``ref`` and ``entity`` of the person: the User entity that is linked to the account, or one made of the account.

    Nothing for whoever is no person.
    """
    if subject.user is None:
        return {}
    ref = identity_of(subject).user_ref
    served = visible_entities(subject).filter(ref=ref).values_list("served", flat=True).first() if ref else None
    if ref is None or served is None:
        return _of_account(subject.user)
    return {"entity": json.loads(presented_one(subject, ref, served)), "ref": ref}


def _of_account(user: User) -> dict[str, Any]:
    name = user.username.lower()
    profile = {"displayName": str(user), "email": user.email}
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "User",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"profile": profile, "memberOf": [group.name for group in user.groups.all()]},
    }
    return {"entity": entity, "ref": f"user:default/{name}"}
