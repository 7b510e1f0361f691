"""API ground rules: authentication, problem+json errors, cursor pagination, OpenAPI."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Label ``api``."""

    name = "portal.api"
    label = "api"
    verbose_name = "API"
