"""``/api/v1/audit``: the trail, read-only."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.viewsets import PortalViewSet
from portal.audit.models import AuditEvent
from portal.audit.querysets import filtered, trail_for
from portal.audit.requests import asked_for

_FILTERS = {
    "actor": "Username, or a part of the name that the event keeps.",
    "action": "For example stack.create; may be repeated.",
    "q": "A part of the object's name or of the action, or the object's identifier.",
    "space": "Short name of a space; events of spaces below it are included.",
    "object_type": "For example stack.",
    "object_id": "Identifier of the object.",
    "since": "First day, as 2026-01-31.",
    "until": "Last day, included.",
}


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """One event."""

    actor = serializers.CharField(source="actor_label")
    space = serializers.CharField(source="space_label")

    class Meta:
        model = AuditEvent
        fields = [
            "uid", "at", "actor", "roles", "action", "object_type", "object_id", "object_label", "space", "arguments",
            "address",
        ]  # fmt: skip
        read_only_fields = fields


class AuditViewSet(PortalViewSet):
    """Events of spaces where you have ``audit:read``."""

    queryset = AuditEvent.objects.none()
    serializer_class = AuditEventSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """Readable events."""
        return trail_for(self.subject)

    @extend_schema(parameters=[OpenApiParameter(name, str, description=words) for name, words in _FILTERS.items()])
    def list(self, request: Request) -> Response:
        """Events, newest first."""
        response: Response = self.listed(filtered(self.get_queryset(), **asked_for(request.query_params)))
        return response

    def retrieve(self, request: Request, uid: str) -> Response:
        """One event."""
        return Response(self.get_serializer(self.get_object()).data)
