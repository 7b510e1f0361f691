"""Runs."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Label ``runs``."""

    name = "scaffolder.runs"
    label = "runs"
    verbose_name = "Runs"
