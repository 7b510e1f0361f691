"""Verbs on API tokens. They stand here because a token's rights are bindings."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import ApiToken, User, Workload, hash_token, new_token
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Forbidden, Invalid, NotFound
from portal.spaces import access
from portal.spaces.models import Binding, Role, Space
from portal.spaces.permissions import Permission


@transaction.atomic
def issue_token(
    *,
    subject: Subject,
    owner: User | Workload,
    name: str,
    expires_at: datetime | None = None,
    roles: Sequence[tuple[Role, Space]] = (),
    addresses: Sequence[str] = (),
    space: Space | None = None,
    told: Mapping[str, Any] | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for ``owner`` and return it with its plain text, which is never to be had again.

    With ``roles`` the token has each role in its space, as far as its owner has; without, all of its owner's rights.
    ``addresses`` are networks (CIDR) that it is good from; none means anywhere.
    The audit row belongs to ``space`` where one is given, and says also what is ``told``.
    """
    _check_may_make(subject, owner)
    if not name.strip():
        raise _wrong("name", "Give the token a name that says what it is for.")
    if expires_at is not None and expires_at <= timezone.now():
        raise _wrong("expires_at", "This is in the past; a token must live for a while.")
    for _, where in roles:
        access.check(subject, Permission.SPACE_READ, where)
    plain = new_token()
    token = ApiToken.objects.create(
        owner=owner if isinstance(owner, User) else None,
        workload=owner if isinstance(owner, Workload) else None,
        name=name.strip()[:100],
        prefix=plain[:12],
        digest=hash_token(plain),
        is_scoped=bool(roles),
        addresses=[_network(text) for text in addresses],
        expires_at=expires_at,
    )
    for role, where in dict.fromkeys(roles):
        Binding.objects.create(space=where, role=role, token=token, created_by=subject.user)
    audit.record(
        subject=subject, action="token.create", obj=token, space=space,
        roles=[f"{role.slug}@{where.slug}" for role, where in roles],
        addresses=token.addresses, expires_at=expires_at, bearer=str(owner), **(told or {}),
    )  # fmt: skip
    return token, plain


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise _wrong("addresses", f"“{text[:60]}” is no network; write it as 10.1.0.0/16 or 2001:db8::/32.") from error


def _check_may_make(subject: Subject, owner: User | Workload) -> None:
    _check_not_scoped(subject)
    if isinstance(owner, User) and subject.user == owner:
        return
    if not access.reach(subject, Permission.USER_MANAGE).everywhere:
        raise Forbidden("You may make tokens for yourself only.")


def _check_not_scoped(subject: Subject) -> None:
    # SECURITY: a token with a role in a space would otherwise make itself a token with all of its owner's rights.
    if subject.is_narrow:
        raise Forbidden("This token was made for less and can not make or revoke tokens. Sign in to do this.")


@transaction.atomic
def revoke_token(*, subject: Subject, token: ApiToken) -> None:
    """End a token at once. A token that is over already stays as it is."""
    _check_not_scoped(subject)
    is_own = subject.user is not None and subject.user == token.owner
    if not is_own and not access.reach(subject, Permission.USER_MANAGE).everywhere:
        raise NotFound("There is no such token, or you may not see it.")
    if token.revoked_at is not None:
        return
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    audit.record(subject=subject, action="token.revoke", obj=token)
