"""Tasks."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Label ``tasks``."""

    name = "scaffolder.tasks"
    label = "tasks"
    verbose_name = "Tasks"
