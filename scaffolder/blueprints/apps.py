"""Blueprints."""

from django.apps import AppConfig


class BlueprintsConfig(AppConfig):
    """Label ``blueprints``."""

    name = "scaffolder.blueprints"
    label = "blueprints"
    verbose_name = "Blueprints"
