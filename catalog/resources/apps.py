"""Resources."""

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    """Label ``resources``."""

    name = "catalog.resources"
    label = "resources"
    verbose_name = "Resources"
