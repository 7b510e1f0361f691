"""What a provider says about somebody, and where it says their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.models import SocialLogin

# No honest provider names more; whoever sends more does not fill our tables.
MOST_VALUES = 2000
LONGEST_VALUE = 500


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """The claims of the ID token and the userinfo answer in one dictionary, or the attributes of an assertion."""
    extra = sociallogin.account.extra_data or {}
    if "userinfo" in extra or "id_token" in extra:
        return {**(extra.get("id_token") or {}), **(extra.get("userinfo") or {})}
    return dict(extra)


def values_at(claims: Mapping[str, Any], path: str) -> tuple[str, ...] | None:
    """The texts at a claim: ``groups``, or nested as ``realm_access.roles``; None where there is no such claim.

    A claim whose own name has dots (an address, as in SAML) is found as such first.
    """
    if not path:
        return None
    found = _at(claims, path)
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list | tuple):
        return None
    texts = [value for value in found if isinstance(value, str) and 0 < len(value) <= LONGEST_VALUE]
    return tuple(dict.fromkeys(texts))[:MOST_VALUES]


def _at(claims: Mapping[str, Any], path: str) -> Any:
    if path in claims:
        return claims[path]
    head, dot, rest = path.partition(".")
    inner = claims.get(head)
    return _at(inner, rest) if dot and isinstance(inner, Mapping) else None
