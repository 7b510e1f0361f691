"""People and groups of the portal, and who they are in the catalog."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Label ``people``."""

    name = "catalog.people"
    label = "people"
    verbose_name = "People in the catalog"

    def ready(self) -> None:
        """Hang cards and the page of links into the shell."""
        from catalog.people import entries

        entries.register()
