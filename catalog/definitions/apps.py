"""Definitions of APIs, made readable."""

from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    """Label ``definitions``."""

    name = "catalog.definitions"
    label = "definitions"
    verbose_name = "API definitions"

    def ready(self) -> None:
        """Hang the tab into the pages of APIs."""
        from catalog.definitions.entries import hang_up

        hang_up()
