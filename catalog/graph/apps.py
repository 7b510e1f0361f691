"""The graph of what has to do with what."""

from django.apps import AppConfig


class GraphConfig(AppConfig):
    """Label ``graph``."""

    name = "catalog.graph"
    label = "graph"
    verbose_name = "Relation graph"

    def ready(self) -> None:
        """Hang the graph into the pages of entities."""
        from catalog.graph.entries import hang_up

        hang_up()
