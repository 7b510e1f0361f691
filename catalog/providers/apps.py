"""Providers of entities: the push API, Git hosts, directories, and webhooks."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Label ``providers``."""

    name = "catalog.providers"
    label = "providers"
    verbose_name = "Providers"

    def ready(self) -> None:
        """Declare rights, and answer ingestion about the locations that providers keep."""
        from catalog.providers import entries, keeping, policies

        policies.register()
        keeping.register()
        entries.register()
