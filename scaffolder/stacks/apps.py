"""Stacks."""

from django.apps import AppConfig


class StacksConfig(AppConfig):
    """Label ``stacks``."""

    name = "scaffolder.stacks"
    label = "stacks"
    verbose_name = "Stacks"
