"""All providers there are: those of the settings, which nobody changes here, and the rows; as allauth wants them."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialApp
from django.conf import settings

from portal.identity.models import IdentityProvider, Kind

# allauth's names of the three ways that providers are spoken to; the kinds beside OIDC speak it, too.
WAYS = {Kind.SAML: "saml", Kind.GITHUB: "oauth_github"}
OIDC_WAY = "openid_connect"
# SECURITY: allauth finds a provider by key or by way, so no key may be the name of a way. The others name ways in
# that are no providers, whose groups would be mixed up with theirs.
RESERVED_KEYS = {*WAYS.values(), OIDC_WAY, "password", "ldap", "proxy", "scim", "new"}
GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com"


def from_settings() -> list[IdentityProvider]:
    """Unsaved providers of the operators' settings."""
    found = []
    for values in settings.IDENTITY_PROVIDERS:
        provider = IdentityProvider(**values)
        provider.is_from_settings = True
        found.append(provider)
    return found


def all_providers() -> list[IdentityProvider]:
    """Settings first, then rows in their order. A row with the key of one in the settings is left out."""
    fixed = from_settings()
    keys = [provider.key for provider in fixed]
    return fixed + list(IdentityProvider.objects.exclude(key__in=keys))


def directories() -> list[IdentityProvider]:
    """Ways in that are no providers of the sign-in page, but name groups that rules can be made for."""
    found = []
    if settings.LDAP["urls"]:
        found.append(IdentityProvider(key="ldap", name="Directory (LDAP)", groups_claim="its groups"))
    if settings.PROXY_AUTH_HEADER:
        claim = settings.PROXY_AUTH_GROUPS_HEADER
        found.append(IdentityProvider(key="proxy", name="Proxy in front", groups_claim=claim))
    for row in found:
        row.is_from_settings = row.is_directory = True
    return found


def enabled_providers() -> list[IdentityProvider]:
    """Those that people may sign in through."""
    return [provider for provider in all_providers() if provider.is_enabled]


def provider_with(key: str, *, enabled_only: bool = False) -> IdentityProvider | None:
    """The provider with this key, or None."""
    rows = enabled_providers() if enabled_only else all_providers()
    return next((provider for provider in rows if provider.key == key), None)


def way_of(provider: IdentityProvider) -> str:
    """allauth's name of the way that the provider is spoken to."""
    return WAYS.get(Kind(provider.kind), OIDC_WAY)


def issuer_of(provider: IdentityProvider) -> str:
    """Where the discovery document of a provider that speaks OIDC is found; empty for others."""
    match provider.kind:
        case Kind.OIDC:
            return provider.server.rstrip("/")
        case Kind.GITLAB:
            return (provider.server or "https://gitlab.com").rstrip("/")
        case Kind.GOOGLE:
            return GOOGLE
        case Kind.MICROSOFT:
            return f"{MICROSOFT}/{provider.server}/v2.0"
    return ""


_SCOPES = {
    Kind.OIDC: ["openid", "profile", "email"],
    Kind.GITLAB: ["openid", "profile", "email"],
    Kind.GOOGLE: ["openid", "profile", "email"],
    Kind.MICROSOFT: ["openid", "profile", "email", "offline_access"],
    Kind.GITHUB: ["read:user", "user:email", "read:org"],
}


def scopes_of(provider: IdentityProvider) -> list[str]:
    """What the provider is asked for; OIDC's ``openid`` always."""
    wanted = list(provider.scopes or _SCOPES.get(Kind(provider.kind), []))
    if way_of(provider) == OIDC_WAY and "openid" not in wanted:
        wanted.insert(0, "openid")
    return wanted


def app_of(provider: IdentityProvider) -> SocialApp:
    """The provider as allauth wants it: never saved, so that its secret is stored by us alone."""
    values: dict[str, Any] = {
        "scope": scopes_of(provider),
        "oauth_pkce_enabled": True,
        "verified_email": provider.is_email_trusted,
        "email_authentication": False,
    }
    if issuer := issuer_of(provider):
        values |= {"server_url": issuer, "fetch_userinfo": True}
    app = SocialApp(
        provider=way_of(provider), provider_id=provider.key, name=provider.name,
        client_id=provider.key if provider.kind == Kind.SAML else provider.client_id,
        secret=provider.client_secret, settings=values,
    )  # fmt: skip
    app.callboard = provider
    return app
