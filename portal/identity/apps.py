"""Identity: who people are elsewhere, and how that becomes accounts, groups and sessions here."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Label ``identity``: providers, join and group rules, and what sessions remember of their provider."""

    name = "portal.identity"
    label = "identity"
    verbose_name = "Identity"

    def ready(self) -> None:
        """Declare the permission, set the clock's tolerance, hear of connected providers."""
        from allauth.socialaccount.signals import social_account_added, social_account_removed
        from django.conf import settings
        from django.core.checks import Tags, register
        from onelogin.saml2.constants import OneLogin_Saml2_Constants  # type: ignore[import-untyped]

        from portal.identity import checks, connecting, entries, policies

        policies.register()
        register(checks.check_providers, Tags.security)
        entries.register()
        # The library knows this tolerance as a constant only.
        OneLogin_Saml2_Constants.ALLOWED_CLOCK_DRIFT = settings.SAML_CLOCK_SKEW_SECONDS
        social_account_added.connect(connecting.remember_account, dispatch_uid="identity.added")
        social_account_removed.connect(connecting.forget_account, dispatch_uid="identity.removed")
