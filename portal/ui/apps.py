"""The page shell: navigation, components, error pages, and what every page has in common."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Label ``ui``."""

    name = "portal.ui"
    label = "ui"
    verbose_name = "Pages"

    def ready(self) -> None:
        """Hang the ground floor's own entries into the shell."""
        from portal.ui.entries import register

        register()
