"""Trying a provider before people do: what is wrong, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.utils import timezone
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants  # type: ignore[import-untyped]
from onelogin.saml2.errors import OneLogin_Saml2_Error  # type: ignore[import-untyped]
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser as Parser  # type: ignore[import-untyped]

from portal.identity import guard
from portal.identity.configured import OIDC_WAY, scopes_of, way_of
from portal.identity.github.client import web_and_api
from portal.identity.models import IdentityProvider, Kind
from portal.identity.oidc.client import discover
from portal.identity.shapes import certificate_of, check_address, wrong
from portal.lib.errors import PortalError

REDIRECT = Constants.BINDING_HTTP_REDIRECT
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    is_good: bool
    words: str


def check_provider(provider: IdentityProvider) -> list[Finding]:
    """Ask the provider for what a sign-in will need."""
    try:
        if provider.kind == Kind.SAML:
            return list(_saml(provider))
        if way_of(provider) == OIDC_WAY:
            return list(_oidc(provider))
        return list(_github(provider))
    except (OAuth2Error, requests.RequestException, PortalError) as error:
        return [Finding(False, getattr(error, "detail", "") or str(error))]


def _oidc(provider: IdentityProvider) -> Iterator[Finding]:
    config = discover(provider)
    yield Finding(True, f"The discovery document is there; the issuer is {config['issuer']}.")
    known = set(guard.hosts_of(provider))
    for name in ("token_endpoint", "jwks_uri", "userinfo_endpoint"):
        host = urlsplit(str(config.get(name) or "")).netloc
        if host and host not in known:
            yield Finding(False, f"The {name} is on {host}. Add this host to “Further hosts”, or it is not asked.")
    yield _keys(config)
    offered = config.get("scopes_supported")
    if isinstance(offered, list) and (missing := [word for word in scopes_of(provider) if word not in offered]):
        yield Finding(False, f"The provider does not offer the scope {', '.join(missing)}.")
    if "S256" not in config.get("code_challenge_methods_supported", ["S256"]):
        yield Finding(False, "The provider does not offer PKCE with S256, which every sign-in here uses.")
    yield Finding(True, _logout_words(config))


def _logout_words(config: dict[str, Any]) -> str:
    if config.get("end_session_endpoint"):
        return "Signing out here signs out at the provider too."
    return "The provider offers no sign-out; signing out here leaves its own session open."


def _keys(config: dict[str, Any]) -> Finding:
    with guard.session() as session:
        keys = session.get(config["jwks_uri"]).json().get("keys", [])
    signing = [row for row in keys if row.get("use", "sig") == "sig"]
    words = f"{len(signing)} signing key{'' if len(signing) == 1 else 's'} found."
    return Finding(bool(signing), words if signing else "The provider publishes no signing keys.")


def _github(provider: IdentityProvider) -> Iterator[Finding]:
    web, api = web_and_api(provider)
    with guard.session() as session:
        answer = session.get(f"{api}/meta")
    good = answer.status_code == 200
    yield Finding(good, f"{api} answers." if good else f"{api} answers {answer.status_code}; is {web} a GitHub?")


def _saml(provider: IdentityProvider) -> Iterator[Finding]:
    for text in provider.idp_certificates:
        ends = certificate_of(text).not_valid_after_utc
        if ends < timezone.now():
            yield Finding(False, f"A certificate ended on {ends:%d %B %Y}. Read the metadata again.")
        else:
            yield Finding(ends - timezone.now() > SOON, f"A certificate is good until {ends:%d %B %Y}.")
    if not provider.metadata_url:
        yield Finding(True, "The provider was set up by hand, so there is no metadata to compare with.")
        return
    found = read_metadata(fetch_metadata(provider))
    differing = [name for name, value in found.items() if value and value != getattr(provider, name)]
    if differing:
        yield Finding(False, "The metadata has changed since it was read. Save the provider to read it again.")
    else:
        yield Finding(True, "The metadata is there and says what is stored here.")


def fetch_metadata(provider: IdentityProvider) -> str:
    """The provider's metadata document, through the guard."""
    check_address("metadata_url", provider.metadata_url.partition("?")[0])
    answer = guard.fetcher([provider]).read(provider.metadata_url)
    return answer.body.decode("utf-8", "replace")


def read_metadata(text: str) -> dict[str, Any]:
    """The fields of a provider that its metadata says. Raises ``Invalid`` for what is no metadata."""
    try:
        found = Parser.parse(text.encode(), required_sso_binding=REDIRECT, required_slo_binding=REDIRECT)
        idp = found["idp"]
        entity, sso = idp["entityId"], idp["singleSignOnService"]["url"]
    except (OneLogin_Saml2_Error, KeyError) as error:
        raise wrong("metadata", "This names no identity provider that takes sign-ins by HTTP redirect.") from error
    except Exception as error:  # of the XML library: what is no document at all, or has a DTD
        raise wrong("metadata", "This is no SAML metadata document.") from error
    certificates = [idp["x509cert"]] if "x509cert" in idp else idp.get("x509certMulti", {}).get("signing", [])
    return {
        "idp_entity_id": entity, "idp_sso_url": sso, "idp_certificates": certificates,
        "idp_slo_url": idp.get("singleLogoutService", {}).get("url", ""),
    }  # fmt: skip
