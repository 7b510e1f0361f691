"""What a login policy is asked about: the ``input`` document."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from portal.accounts.models import User
from portal.identity.gates import SignIn
from portal.identity.models import ProviderMembership
from portal.login_policies.bindings import is_root_admin
from portal.spaces.models import Role, Space

MAX_CLAIMS = 32 * 1024


def document_for(sign_in: SignIn) -> dict[str, Any]:
    """The document of one sign-in."""
    user = sign_in.user
    return document(
        login=user.username, name=str(user), email=user.email, member=user.is_active,
        newcomer=sign_in.is_newcomer, admin=is_root_admin(user), teams=teams_of(sign_in),
        provider=sign_in.provider, claims=sign_in.claims, address=sign_in.address,
    )  # fmt: skip


def document(
    *, login: str, name: str = "", email: str = "", member: bool = True, newcomer: bool = False, admin: bool = False,
    teams: Iterable[str] = (), provider: str = "password", claims: Mapping[str, Any] | None = None,
    address: str | None = None, timestamp_ns: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The document of a person, perhaps one who is only thought of."""
    moment = time.time_ns() if timestamp_ns is None else timestamp_ns
    spaces = Space.objects.order_by("slug").values_list("slug", "name", "labels")
    return {
        "request": {"remote_ip": address or "", "timestamp_ns": moment},
        "session": {
            "login": login, "name": name or login, "email": email, "member": member, "newcomer": newcomer,
            "admin": admin, "teams": sorted(set(teams)), "provider": provider, "claims": _plain(claims or {}),
            "creator_ip": address or "", "machine": False,
        },
        "spaces": [{"id": slug, "name": name, "labels": labels} for slug, name, labels in spaces],
        "roles": [{"id": slug, "name": name} for slug, name in Role.objects.values_list("slug", "name")],
    }  # fmt: skip


def teams_of(sign_in: SignIn) -> set[str]:
    """Names of the groups that the person will be in: what the provider said, and what was given otherwise."""
    held = set(sign_in.user.groups.values_list("name", flat=True))
    if sign_in.groups is None:
        return held
    return (held - _only_of(sign_in.user, sign_in.provider)) | set(sign_in.groups)


def _only_of(user: User, provider: str) -> set[str]:
    """Groups that the person is in through this provider and through nothing else; its new word replaces them."""
    rows = ProviderMembership.objects.filter(user=user).values_list("group__name", "provider_key")
    others = {name for name, key in rows if key != provider}
    return {name for name, key in rows if key == provider} - others


def _plain(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Claims as plain JSON; none where they are so many that a policy could not be asked in time."""
    text = json.dumps(dict(claims), default=str)
    found: dict[str, Any] = json.loads(text) if len(text) <= MAX_CLAIMS else {}
    return found
