"""Asking an OpenID provider: its discovery document, its keys, its tokens, its userinfo."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

from portal.identity import guard
from portal.identity.configured import MICROSOFT, issuer_of
from portal.identity.models import IdentityProvider, Kind

# SECURITY: asymmetric only. The header of a token never decides alone how it is checked.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 60
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def nonce_for(code_verifier: str) -> str:
    """The nonce of the sign-in that has this PKCE verifier: only the browser's session knows both ends."""
    digest = hashlib.sha256(b"nonce:" + code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def discover(provider: IdentityProvider) -> dict[str, Any]:
    """The discovery document. Raises ``OAuth2Error`` in words, or ``requests``' errors."""
    address = f"{issuer_of(provider)}/.well-known/openid-configuration"
    with guard.session() as session:
        answer = session.get(address)
    if answer.status_code != 200:
        raise OAuth2Error(f"{address} answered {answer.status_code} instead of a discovery document.")
    try:
        found = answer.json()
    except ValueError as error:
        raise OAuth2Error(f"{address} is no JSON document.") from error
    if not isinstance(found, dict):
        raise OAuth2Error(f"{address} is no discovery document.")
    check_document(provider, found)
    return found


def check_document(provider: IdentityProvider, found: dict[str, Any]) -> None:
    """The document is of this issuer and names what a sign-in needs. Raises ``OAuth2Error``."""
    missing = [name for name in ("issuer", *NEEDED) if not isinstance(found.get(name), str)]
    if missing:
        raise OAuth2Error(f"The discovery document names no {', '.join(missing)}.")
    issuer, named = issuer_of(provider), str(found["issuer"])
    # A tenant of Microsoft may be named by its domain; the document then names it by its id.
    is_same_place = urlsplit(named).netloc == urlsplit(MICROSOFT).netloc and "{" not in named
    fits = is_same_place if provider.kind == Kind.MICROSOFT else named.rstrip("/") == issuer
    if not fits:
        raise OAuth2Error(f"The discovery document is of the issuer {named}, not of {issuer}.")


def verify(config: dict[str, Any], token: str, audience: str, *, require: list[str] | None = None) -> dict[str, Any]:
    """The claims of a signed token of this provider for us. Raises ``OAuth2Error``."""
    try:
        key = _key(config["jwks_uri"], jwt.get_unverified_header(token))
        claims: dict[str, Any] = jwt.decode(
            token, key=key.key, algorithms=ALGORITHMS, audience=audience, issuer=config["issuer"], leeway=LEEWAY,
            options={"require": require or ["iss", "aud", "exp", "iat", "sub"]},
        )  # fmt: skip
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise OAuth2Error(f"The provider's token is not good: {error}") from error
    authorised = claims.get("azp", audience)
    if authorised != audience:
        raise OAuth2Error("The provider's token was made for another client.")
    return claims


def _key(jwks_uri: str, header: dict[str, Any]) -> jwt.PyJWK:
    with guard.session() as session:
        keys = session.get(jwks_uri).json().get("keys", [])
    fitting = [row for row in keys if row.get("use", "sig") == "sig" and row.get("kty") in {"RSA", "EC", "OKP"}]
    named = [row for row in fitting if row.get("kid") == header.get("kid")] if header.get("kid") else fitting
    if len(named) != 1:
        raise KeyError(f"no key of the provider is called {header.get('kid')!r}")
    return jwt.PyJWK(named[0], algorithm=named[0].get("alg") or header.get("alg"))


def userinfo(config: dict[str, Any], access_token: str, sub: str) -> dict[str, Any]:
    """What the provider says about the bearer of ``access_token``; empty where it has no such endpoint.

    SECURITY: OpenID Connect Core 5.3.2: an answer about anybody else than ``sub`` is not used.
    """
    address = config.get("userinfo_endpoint")
    if not address or not access_token:
        return {}
    with guard.session() as session:
        answer = session.get(address, headers={"Authorization": f"Bearer {access_token}"})
        answer.raise_for_status()
        found = answer.json()
    if not isinstance(found, dict) or found.get("sub") != sub:
        raise OAuth2Error("The provider's userinfo is about somebody else than its ID token.")
    return found


GRAPH = "https://graph.microsoft.com/v1.0/me/getMemberObjects"


def with_graph_groups(provider: IdentityProvider, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
    """``claims`` with the group ids that Microsoft leaves out of tokens of people in more than 200 groups."""
    if provider.kind != Kind.MICROSOFT or "groups" not in (claims.get("_claim_names") or {}):
        return claims
    with guard.session() as session:
        answer = session.post(
            GRAPH, json={"securityEnabledOnly": False}, headers={"Authorization": f"Bearer {access_token}"}
        )
        answer.raise_for_status()
        return {**claims, "groups": answer.json().get("value", [])}


def refresh(provider: IdentityProvider, config: dict[str, Any], refresh_token: str) -> dict[str, Any] | None:
    """New tokens for a refresh token; None where it is refused. Raises ``requests``' errors and OAuth2Error."""
    body = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    methods = config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    options: dict[str, Any] = {}
    if "client_secret_post" in methods or not provider.client_secret:
        body |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    else:
        options["auth"] = (provider.client_id, provider.client_secret)
    with guard.session() as session:
        answer = session.post(config["token_endpoint"], data=body, headers={"Accept": "application/json"}, **options)
    if answer.status_code in {400, 401, 403}:
        return None
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
