"""Entities: what exists, how it is found, and what it has to do with what."""

from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    """Label ``entities``."""

    name = "catalog.entities"
    label = "entities"
    verbose_name = "Entities"

    def ready(self) -> None:
        """Declare what can be permitted here, and hang the catalog into the shell."""
        from catalog.entities import entries, policies

        policies.register()
        entries.hang_up()
