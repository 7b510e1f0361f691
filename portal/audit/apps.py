"""Audit: one row for every mutation, written in the transaction of the mutation itself."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Label ``audit``."""

    name = "portal.audit"
    label = "audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        """Declare who may read the trail, and what it asks of the database."""
        from portal.audit import lookups, policies

        lookups.register()
        policies.register()
