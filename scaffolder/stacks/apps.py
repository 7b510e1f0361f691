"""Stacks."""

from django.apps import AppConfig


class StacksConfig(AppConfig):
    """Label ``stacks``."""

    name = "scaffolder.stacks"
    label = "stacks"
    verbose_name = "Stacks"

    def ready(self) -> None:
        """Declare rights, and hang stacks into the shell."""
        from catalog.resources.links import set_links
        from scaffolder.stacks.entries import register as register_entries
        from scaffolder.stacks.entries import run_url, stack_url
        from scaffolder.stacks.policies import register

        register()
        register_entries()
        set_links(stack=stack_url, run=run_url)
