"""Workloads: jobs of CI systems that come in by the token their own system signs, without a stored secret."""

from django.apps import AppConfig


class WorkloadsConfig(AppConfig):
    """Label ``workloads``: whom the portal believes, and what its jobs may do here."""

    name = "portal.workloads"
    label = "workloads"
    verbose_name = "Workload identity"

    def ready(self) -> None:
        """Declare the policy, guard the roles of CI jobs, appear in the navigation."""
        from portal.accounts.models import Workload
        from portal.spaces.bindings import register_workload_guard
        from portal.workloads import entries, policies
        from portal.workloads.acting import guard

        policies.register()
        entries.register()
        register_workload_guard(Workload.Kind.CI, guard)
