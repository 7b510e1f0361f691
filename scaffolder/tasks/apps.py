"""Tasks: executions of blueprints' steps."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Label ``tasks``."""

    name = "scaffolder.tasks"
    label = "tasks"
    verbose_name = "Tasks"

    def ready(self) -> None:
        """Declare rights."""
        from scaffolder.tasks.policies import register

        register()
