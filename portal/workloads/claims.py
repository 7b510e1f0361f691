"""Whether what an issuer signed is what a trust asks for."""

from __future__ import annotations

from typing import Any

from portal.workloads.errors import InvalidGrant
from portal.workloads.globs import fits
from portal.workloads.models import Trust

SKEW = 60
LONGEST_AHEAD = 24 * 3600
LONGEST_SUBJECT = 1000
# Seconds since 1970 that any clock may show.
MOST = 2**48


def check_claims(trust: Trust, claims: dict[str, Any], now: float) -> None:
    """Raise ``InvalidGrant`` with the first thing that does not fit, saying nothing of what would."""
    if claims.get("iss") != trust.issuer:
        raise InvalidGrant("The token is of another issuer than the one that this trust believes.")
    # SECURITY: a token that is good elsewhere as well could be brought here by whoever got it there.
    if audiences_of(claims) != [trust.audience]:
        raise InvalidGrant("The token's audience (aud) is not exactly the one that this trust asks for.")
    _check_times(claims, now)
    if not fits(trust.subject_pattern, subject_of(claims)):
        raise InvalidGrant(f"The token's subject “{subject_of(claims)}” is not one that this trust takes.")
    for name, pattern in trust.claims.items():
        if not fits(pattern, _text(claims.get(name))):
            raise InvalidGrant(f"The token's claim “{name}” is not one that this trust takes.")


def audiences_of(claims: dict[str, Any]) -> list[Any]:
    """The audiences; one that stands by itself as a list, too."""
    found = claims.get("aud")
    return found if isinstance(found, list) else [found]


def subject_of(claims: dict[str, Any]) -> str:
    """The subject. Raises ``InvalidGrant`` where there is none that could be meant."""
    found = claims.get("sub")
    if not isinstance(found, str) or not found or len(found) > LONGEST_SUBJECT or not found.isprintable():
        raise InvalidGrant("The token has no proper subject (sub).")
    return found


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires = _time(claims, "exp")
    if expires is None:
        raise InvalidGrant("The token says no end (exp).")
    if expires <= now:
        raise InvalidGrant("The token has expired.")
    if expires > now + LONGEST_AHEAD:
        raise InvalidGrant("The token ends more than 24 hours ahead; only short-lived ones are taken.")
    if any((_time(claims, name) or 0) > now + SKEW for name in ("nbf", "iat")):
        raise InvalidGrant("The token is not good yet (nbf, iat). Is a clock wrong?")


def _time(claims: dict[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    found = claims[name]
    # NaN is not between anything.
    if isinstance(found, bool) or not isinstance(found, int | float) or not -MOST < found < MOST:
        raise InvalidGrant(f"The token's “{name}” is no time.")
    return found


def _text(value: Any) -> str:
    """A claim as the text that patterns are held against; lists and objects fit nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    # A line end fits no pattern.
    return str(value) if isinstance(value, str | int) else "\n"
