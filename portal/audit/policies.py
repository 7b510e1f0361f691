"""Who may read the trail: whoever has ``audit:read`` in the event's space; events of no space need it at root."""

from portal.audit.models import AuditEvent
from portal.spaces import access, permissions
from portal.spaces.permissions import Permission

STREAM = "audit:stream"


def register() -> None:
    """Declare the policy of audit events, and what sending them elsewhere needs."""
    access.register(access.Policy(model=AuditEvent, read=Permission.AUDIT_READ))
    permissions.declare([(STREAM, permissions.ADMIN, "send the audit trail to other systems")])
