"""Runs."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Label ``runs``."""

    name = "scaffolder.runs"
    label = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Declare rights, and let steps of tasks reach stacks and runs."""
        from scaffolder.runs.offered import services_of
        from scaffolder.runs.policies import register
        from scaffolder.tasks.running import offer_services

        register()
        offer_services(services_of)
