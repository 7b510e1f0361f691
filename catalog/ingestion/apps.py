"""Ingestion: from registered addresses to entities."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Label ``ingestion``."""

    name = "catalog.ingestion"
    label = "ingestion"
    verbose_name = "Ingestion"

    def ready(self) -> None:
        """Declare what can be permitted here."""
        from catalog.ingestion import policies

        policies.register()
