"""Resources."""

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    """Label ``resources``."""

    name = "catalog.resources"
    label = "resources"
    verbose_name = "Resources"

    def ready(self) -> None:
        """Declare rights, and hang resources into the shell."""
        from catalog.resources.entries import register as register_entries
        from catalog.resources.policies import register

        register()
        register_entries()
