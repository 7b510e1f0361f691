"""Search."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Label ``search``."""

    name = "catalog.search"
    label = "search"
    verbose_name = "Search"
