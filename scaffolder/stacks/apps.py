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
        from portal.accounts.models import Workload
        from portal.spaces.bindings import register_workload_guard
        from scaffolder.stacks.acting import guard
        from scaffolder.stacks.entries import register as register_entries
        from scaffolder.stacks.entries import run_url, stack_url
        from scaffolder.stacks.policies import register

        register()
        register_entries()
        register_workload_guard(Workload.Kind.STACK, guard)
        set_links(stack=stack_url, run=run_url)
