"""The ways of speaking to providers that allauth's registry finds here, by the name of this module."""

from portal.identity.github.provider import GitHubProvider
from portal.identity.oidc.provider import OidcProvider
from portal.identity.saml.provider import SamlProvider

provider_classes = [OidcProvider, GitHubProvider, SamlProvider]
