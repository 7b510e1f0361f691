"""Ingestion: from registered addresses to entities."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Label ``ingestion``."""

    name = "catalog.ingestion"
    label = "ingestion"
    verbose_name = "Ingestion"

    def ready(self) -> None:
        """Declare what can be permitted here."""
        from catalog.ingestion import placement, policies
        from portal.spaces.moves import register_invariant

        policies.register()
        register_invariant("Entities stay in or below the space of their location", placement.entities_astray)
