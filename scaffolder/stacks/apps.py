"""Stacks."""

from django.apps import AppConfig


class StacksConfig(AppConfig):
    """Label ``stacks``."""

    name = "scaffolder.stacks"
    label = "stacks"
    verbose_name = "Stacks"

    def ready(self) -> None:
        """Declare rights, and hang stacks into the shell."""
        from scaffolder.stacks.entries import register as register_entries
        from scaffolder.stacks.policies import register

        register()
        register_entries()
