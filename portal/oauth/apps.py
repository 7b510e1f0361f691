"""The portal as OAuth 2.0 authorization server and OpenID provider: tools act for people who let them."""

from django.apps import AppConfig


class OAuthConfig(AppConfig):
    """Label ``oauth``: what people let tools do, and the keys that sign. Tools and tokens are allauth's rows."""

    name = "portal.oauth"
    label = "oauth"
    verbose_name = "OAuth"

    def ready(self) -> None:
        """Declare the permission, appear in the navigation."""
        from portal.oauth import entries, policies

        policies.register()
        entries.register()
