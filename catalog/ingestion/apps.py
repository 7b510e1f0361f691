"""Ingestion."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Label ``ingestion``."""

    name = "catalog.ingestion"
    label = "ingestion"
    verbose_name = "Ingestion"
