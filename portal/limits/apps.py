"""Limits: how often an address, an account or a caller may try."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """Label ``limits``: one counter for all web processes, in the database."""

    name = "portal.limits"
    label = "limits"
    verbose_name = "Limits"
