"""Runs."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Label ``runs``."""

    name = "scaffolder.runs"
    label = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        """Declare rights."""
        from scaffolder.runs.policies import register

        register()
