"""Who may read the trail: whoever has ``audit:read`` in the event's space; events of no space need it at root."""

from portal.audit.models import AuditEvent
from portal.spaces import access
from portal.spaces.permissions import Permission


def register() -> None:
    """Declare the policy of audit events."""
    access.register(access.Policy(model=AuditEvent, read=Permission.AUDIT_READ))
