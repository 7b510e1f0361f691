"""What a tool may ask for, in words for the person who is asked."""

from __future__ import annotations

from collections.abc import Iterable

API = "api"
READ = "api:read"
# Scopes that open the portal's own API.
OPENING = frozenset({API, READ})

SCOPES = {
    "openid": "know who you are here",
    "profile": "see your name and username",
    "email": "see your e-mail address",
    "groups": "see which groups you are in",
    READ: "read everything that you may read",
    API: "do everything that you may do, but not manage your account and its tokens",
}


def reads_only(scopes: Iterable[str]) -> bool:
    """Is reading all that these scopes open?"""
    return API not in set(scopes)
