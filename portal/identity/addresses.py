"""Our own addresses that a provider must be told."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from portal.identity.configured import OIDC_WAY, way_of
from portal.identity.models import IdentityProvider, Kind


def addresses_of(provider: IdentityProvider) -> list[tuple[str, str]]:
    """(what it is called, address), the most needed first."""
    if provider.kind == Kind.SAML:
        names = [("Metadata, entity id", "saml_metadata"), ("Assertion consumer service (ACS)", "saml_acs"),
                 ("Single logout service", "saml_sls")]  # fmt: skip
        part = {"organization_slug": provider.key}
    elif way_of(provider) == OIDC_WAY:
        names = [
            ("Redirect address", "openid_connect_callback"),
            ("Back-channel logout", "openid_connect_back_channel"),
        ]
        part = {"provider_id": provider.key}
    else:
        names, part = [("Callback address", "github_callback")], {"provider_id": provider.key}
    found = [(label, settings.BASE_URL + reverse(name, kwargs=part)) for label, name in names]
    if way_of(provider) == OIDC_WAY:
        found.append(("After sign-out", settings.BASE_URL + reverse("account_login")))
    return found
