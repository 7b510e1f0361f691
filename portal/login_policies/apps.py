"""Login policies: Rego that says who gets in, as what, and in which groups."""

from django.apps import AppConfig


class LoginPoliciesConfig(AppConfig):
    """Label ``login_policies``: the policies, what they gave, what they could not do, and kept decisions."""

    name = "portal.login_policies"
    label = "login_policies"
    verbose_name = "Login policies"

    def ready(self) -> None:
        """Declare the permission, stand at the gate of every sign-in, appear in the navigation."""
        from portal.identity.gates import register_gate
        from portal.login_policies import entries, gate, policies

        policies.register()
        entries.register()
        register_gate(gate.ask_policies)
