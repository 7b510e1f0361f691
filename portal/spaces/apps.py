"""Spaces: the tree that everything lives in, roles, bindings, and the one answer to "may this subject?"."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SpacesConfig(AppConfig):
    """Label ``spaces``."""

    name = "portal.spaces"
    label = "spaces"
    verbose_name = "Spaces"

    def ready(self) -> None:
        """Declare what can be permitted here, and keep the root space and system roles in place."""
        import portal.lib.lookups  # noqa: F401 (what questions about rights are asked with)
        from portal.spaces.policies import register
        from portal.spaces.services import ensure_ground

        register()
        post_migrate.connect(ensure_ground, sender=self, dispatch_uid="spaces.ensure_ground")
