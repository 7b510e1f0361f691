"""What a provider of each kind must say about itself."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from urllib3.util import parse_url

from portal.identity.models import IdentityProvider, Join, Kind
from portal.lib.errors import Invalid
from portal.lib.fetch import AllowList

_TENANT = re.compile(r"[0-9a-fA-F-]{36}|[a-z0-9][a-z0-9.-]*\.[a-z]{2,}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d{1,5})?")


def wrong(field: str, message: str) -> Invalid:
    """An error about one field."""
    return Invalid(message, errors=[{"field": field, "message": message}])


def check_shape(provider: IdentityProvider) -> None:
    """Raise ``Invalid`` on the first field that makes no sense; tidies lists and addresses."""
    _tidy(provider)
    if provider.kind == Kind.SAML:
        _check_saml(provider)
    else:
        _check_client(provider)
    for host in provider.hosts:
        if not _HOST.fullmatch(host):
            raise wrong("hosts", f"“{host}” is no host. Write names such as login.example.com, or host:port.")
    _check_join(provider)


def _tidy(provider: IdentityProvider) -> None:
    provider.server = provider.server.strip().rstrip("/")
    provider.hosts = [host.strip().lower() for host in provider.hosts if host.strip()]
    provider.join_domains = [word.strip().lower().lstrip("@") for word in provider.join_domains if word.strip()]


def _check_client(provider: IdentityProvider) -> None:
    if not provider.client_id:
        raise wrong("client_id", "Give the client's id, as the provider shows it.")
    if provider.kind == Kind.MICROSOFT:
        # SECURITY: “common” and its like let in everybody who has any account of Microsoft.
        if not _TENANT.fullmatch(provider.server):
            raise wrong("server", "Give your tenant's id or domain. “common” and “organizations” would let anybody in.")
    elif provider.kind == Kind.OIDC or provider.server:
        check_address("server", provider.server)


def check_address(field: str, address: str) -> None:
    """Raise ``Invalid`` unless this is an https address without query, or an http one that operators allow."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or "@" in address:
        raise wrong(field, "Give an address such as https://login.example.com, without query and fragment.")
    # SECURITY: secrets and tokens go there.
    private = AllowList([], settings.IDENTITY_ALLOW_PRIVATE)
    if parts.scheme == "http" and not private.may_be_private(parse_url(address)):
        raise wrong(field, "Use https. Operators can allow http for hosts of their own by IDENTITY_ALLOW_PRIVATE.")


def _check_saml(provider: IdentityProvider) -> None:
    if not (provider.idp_entity_id and provider.idp_sso_url and provider.idp_certificates):
        raise wrong(
            "metadata_url", "Give the provider's metadata, or its entity id, sign-in address and certificate by hand."
        )
    for text in provider.idp_certificates:
        certificate_of(text)


def certificate_of(text: str) -> x509.Certificate:
    """The certificate in a text, with or without its PEM frame; raises ``Invalid``."""
    bare = re.sub(r"-----[A-Z ]+-----|\s", "", text)
    lines = "\n".join(bare[at : at + 64] for at in range(0, len(bare), 64))
    try:
        return x509.load_pem_x509_certificate(
            f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n".encode()
        )
    except ValueError as error:
        raise wrong("idp_certificates", "This is no X.509 certificate.") from error


def _check_join(provider: IdentityProvider) -> None:
    for domain in provider.join_domains:
        if not _DOMAIN.fullmatch(domain):
            raise wrong("join_domains", f"“{domain}” is no domain. Write domains such as example.com.")
    if provider.join == Join.DOMAINS and not provider.join_domains:
        raise wrong("join_domains", "Name the domains whose people may join.")
    if provider.join == Join.GROUPS and not provider.join_groups:
        raise wrong("join_groups", "Name the groups whose members may join.")
