"""The app of SCIM."""

from django.apps import AppConfig


class ScimConfig(AppConfig):
    """Label ``scim``: what the provider wrote of each account and group."""

    name = "portal.scim"
    label = "scim"
    verbose_name = "SCIM"

    def ready(self) -> None:
        """Declare the permission."""
        from portal.scim.policies import register

        register()
