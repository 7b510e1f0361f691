"""System checks: providers of the settings that could not work stop the start."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from portal.identity.configured import RESERVED_KEYS
from portal.identity.models import KEY, IdentityProvider, Join, Kind

HINT = "See docs/sign-in.md, “In the environment”."


def check_providers(**options: Any) -> list[CheckMessage]:
    """identity.E001: a provider of IDENTITY_PROVIDERS (or OIDC_*) makes no sense."""
    fields = {field.name for field in IdentityProvider._meta.fields}
    found: list[CheckMessage] = []
    keys: set[str] = set()
    for row in settings.IDENTITY_PROVIDERS:
        key = str(row.get("key") or "")
        for words in _wrong(row, key, fields, keys):
            found.append(Error(f"The identity provider {key or row!r} {words}.", hint=HINT, id="identity.E001"))
        keys.add(key)
    return found


def _wrong(row: dict[str, Any], key: str, fields: set[str], keys: set[str]) -> list[str]:
    wrong = []
    if not re.fullmatch(KEY, key) or key in RESERVED_KEYS:
        wrong.append("needs a key of small letters, digits and hyphens that is not reserved")
    if key in keys:
        wrong.append("has the key of another one")
    if row.get("kind") not in Kind.values:
        wrong.append(f"needs a kind: {', '.join(Kind.values)}")
    if row.get("join", Join.NOBODY) not in Join.values:
        wrong.append(f"needs one of these as join: {', '.join(Join.values)}")
    if unknown := sorted(set(row) - fields):
        wrong.append(f"has fields that are none: {', '.join(unknown)}")
    return wrong
