"""Accounts: people, groups, sign-in and API tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Label ``accounts``: users, tokens and how outside identities become users."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Hear when somebody signs in, confirms that it is them or loses a factor; check the settings."""
        from allauth.account.signals import authentication_step_completed
        from allauth.mfa.signals import authenticator_removed
        from django.contrib.auth.signals import user_logged_in
        from django.core import checks

        from portal.accounts import stepping_up
        from portal.accounts.checks import check_directory, check_proxy_header
        from portal.accounts.factors.middleware import on_factor_removed

        user_logged_in.connect(stepping_up.on_signed_in, dispatch_uid="accounts.signed_in")
        authentication_step_completed.connect(stepping_up.on_step_completed, dispatch_uid="accounts.step_completed")
        authenticator_removed.connect(on_factor_removed, dispatch_uid="accounts.factor_removed")
        checks.register(check_directory)
        checks.register(check_proxy_header)
