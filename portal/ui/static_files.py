"""Which files of installed apps are not served."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class PortalStaticFilesConfig(StaticFilesConfig):
    """Leaves out django-htmx's extensions: they import modules by names that only a bundler resolves."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext*"]
