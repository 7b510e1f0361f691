"""Entities."""

from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    """Label ``entities``."""

    name = "catalog.entities"
    label = "entities"
    verbose_name = "Entities"
