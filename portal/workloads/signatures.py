"""Tokens as they come (RFC 7519): what they say of themselves, and whether the issuer's key signed them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from portal.workloads.errors import InvalidGrant, InvalidRequest
from portal.workloads.keys import key_of

LONGEST = 16 * 1024
RSA_BITS = range(2048, 8192 + 1)
# SECURITY: asymmetric only, and the key's own kind and curve must be the one of the algorithm: the header of a token
# never decides alone how it is checked.
ALGORITHMS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", "")),
    "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"), "Ed25519": ("OKP", "Ed25519"),
}  # fmt: skip


class _Registry(JWSRegistry):
    """The algorithms above and no others. Some systems put certificates into the header, which makes it long."""

    max_header_length = 8 * 1024

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


@dataclass(frozen=True)
class Presented:
    """A token that nobody has checked yet: its text, and what it says of itself."""

    text: str
    algorithm: str
    kid: str
    claims: dict[str, Any]

    @property
    def issuer(self) -> str:
        """Who is said to have signed it."""
        found = self.claims.get("iss")
        return found if isinstance(found, str) else ""


def read_presented(text: str) -> Presented:
    """Take a token apart without believing it. Raises ``InvalidRequest`` for what is none, ``InvalidGrant`` for what
    could never be good."""
    if len(text) > LONGEST or text.count(".") != 2:
        raise InvalidRequest("The subject_token is no signed JWT (header.payload.signature).")
    header, claims = (_object(part) for part in text.split(".")[:2])
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidGrant("The token is not signed with one of RS, PS, ES256, ES384 and EdDSA.")
    if not isinstance(kid, str) or not kid:
        raise InvalidGrant("The token's header names no key (kid).")
    if "crit" in header:
        raise InvalidGrant("The token's header asks for extensions (crit) that are not known here.")
    return Presented(text, algorithm, kid, claims)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The subject_token is no signed JWT (header.payload.signature).") from error
    if not isinstance(found, dict):
        raise InvalidRequest("The subject_token is no signed JWT (header.payload.signature).")
    return found


def verified_claims(presented: Presented, issuer: str) -> dict[str, Any]:
    """The claims, signed by a key that ``issuer`` publishes. Raises ``InvalidGrant`` or ``IssuerUnavailable``."""
    key = _key(key_of(issuer, presented.kid), presented.algorithm)
    try:
        found = jws.deserialize_compact(presented.text, key, registry=_Registry(strict_check_header=False))
    except (JoseError, ValueError) as error:
        raise InvalidGrant("The token's signature is not good.") from error
    # What was signed, not what was read before.
    claims = json.loads(found.payload)
    if not isinstance(claims, dict):
        raise InvalidGrant("The token has no claims.")
    return claims


def _key(row: dict[str, Any], algorithm: str) -> RSAKey | ECKey | OKPKey:
    kind, curve = ALGORITHMS[algorithm]
    operations = row.get("key_ops", ["verify"])
    fits = (
        row.get("kty") == kind
        and row.get("crv", "") == curve
        and row.get("alg", algorithm) == algorithm
        and row.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )
    if not fits:
        raise InvalidGrant("The issuer's key of that name is for another algorithm or purpose.")
    try:
        if kind == "RSA":
            _check_size(row["n"])
            return RSAKey.import_key({"kty": kind, "n": row["n"], "e": row["e"]})
        if kind == "EC":
            return ECKey.import_key({"kty": kind, "crv": curve, "x": row["x"], "y": row["y"]})
        return OKPKey.import_key({"kty": kind, "crv": curve, "x": row["x"]})
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidGrant("The issuer's key of that name can not be used.") from error


def _check_size(modulus: str) -> None:
    # SECURITY: shorter keys can be broken, and much longer ones keep us busy.
    raw = base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))
    if int.from_bytes(raw, "big").bit_length() not in RSA_BITS:
        raise ValueError("the key is too short or too long")
