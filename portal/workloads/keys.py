"""The public keys of an issuer: found through its discovery document, kept for a while, asked for again rarely."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

from portal.lib.errors import PortalError
from portal.lib.fetch import AllowList, Fetcher
from portal.lib.fetch.errors import AddressNotAllowed
from portal.workloads.errors import InvalidGrant, IssuerUnavailable
from portal.workloads.shapes import is_allowed_address

log = logging.getLogger(__name__)
# Seconds: how long keys are kept, how soon an unknown key makes us ask again, and how soon a failure does.
KEPT, AGAIN, FAILED = 600, 60, 30
MAX_BYTES = 512 * 1024
DEADLINE = 10.0
MOST_KEYS = 100
_MEMBERS = ("kty", "kid", "alg", "use", "key_ops", "crv", "n", "e", "x", "y")


def key_of(issuer: str, kid: str) -> dict[str, Any]:
    """The key that ``issuer`` calls ``kid``, as a JWK. Raises ``InvalidGrant`` or ``IssuerUnavailable``.

    SECURITY: only called for issuers that a trust names; tokens of others never make the portal ask anybody.
    """
    name = f"workloads.keys.{hashlib.sha256(issuer.encode()).hexdigest()}"
    rows: list[dict[str, Any]] | None = cache.get(name)
    # ``add`` says yes to one caller of a minute, so that made-up names of keys do not make us ask all the time.
    if rows is None or (not _named(rows, kid) and cache.add(f"{name}.asked", True, AGAIN)):
        rows = _asked(issuer, name)
    found = _named(rows, kid)
    if len(found) != 1:
        raise InvalidGrant(f"The issuer has no key that is called “{kid[:100]}”.")
    return found[0]


def _named(rows: list[dict[str, Any]], kid: str) -> list[dict[str, Any]]:
    return [row for row in rows if row.get("kid") == kid]


def _asked(issuer: str, name: str) -> list[dict[str, Any]]:
    words = "The keys of the issuer can not be read now. Try again in a while."
    if failure := cache.get(f"{name}.failed"):
        raise IssuerUnavailable(words, reason=failure)
    try:
        rows = read_keys(issuer)
    except PortalError as error:
        log.warning("the keys of %s can not be read: %s", issuer, error.detail)
        cache.set(f"{name}.failed", error.detail, FAILED)
        # SECURITY: what exactly fails is for the trail: nobody shall explore a network by asking for tokens.
        raise IssuerUnavailable(words, reason=error.detail) from error
    cache.set(name, rows, KEPT)
    cache.set(f"{name}.asked", True, AGAIN)
    return rows


def read_keys(issuer: str) -> list[dict[str, Any]]:
    """What the issuer publishes. Raises ``PortalError`` in words."""
    document = _read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    # SECURITY: OpenID Connect Discovery 4.3: a document of another issuer says nothing about this one.
    if document.get("issuer") != issuer:
        raise IssuerUnavailable(f"The discovery document names another issuer than {issuer}.")
    address = document.get("jwks_uri")
    if not isinstance(address, str) or not is_allowed_address(address):
        raise IssuerUnavailable("The discovery document names no https address of keys.")
    rows = _read(address).get("keys")
    if not isinstance(rows, list):
        raise IssuerUnavailable(f"{address} has no list of keys.")
    found = [row for row in rows if isinstance(row, dict) and isinstance(row.get("kid"), str)]
    return [{name: row[name] for name in _MEMBERS if name in row} for row in found[:MOST_KEYS]]


def _read(address: str) -> dict[str, Any]:
    if not is_allowed_address(address):
        raise IssuerUnavailable(f"{address[:200]} is no https address.")
    # SECURITY: the host that the trust, or the document of its issuer, names; a redirect to elsewhere is not followed.
    allow = AllowList([urlsplit(address).netloc], settings.WORKLOAD_ALLOW_PRIVATE)
    fetcher = Fetcher(allow, max_bytes=MAX_BYTES, deadline=DEADLINE, max_redirects=0)
    try:
        body = fetcher.read(address, {"Accept": "application/json"}).body
    except AddressNotAllowed as error:
        raise IssuerUnavailable(
            f"{urlsplit(address).netloc} leads to an address inside the network. Operators can allow it by "
            "WORKLOAD_ALLOW_PRIVATE."
        ) from error
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise IssuerUnavailable(f"{address} is no JSON document.") from error
    if not isinstance(found, dict):
        raise IssuerUnavailable(f"{address} is no JSON object.")
    return found
