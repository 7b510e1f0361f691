"""Accounts: people, groups, sign-in and API tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Label ``accounts``: users, tokens and how outside identities become users."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Accounts"
