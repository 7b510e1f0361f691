"""``/api/v1/audit``: the trail, read-only."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.viewsets import PortalViewSet
from portal.audit.exports import FORMATS, answer
from portal.audit.models import AuditEvent
from portal.audit.querysets import filtered, trail_for
from portal.audit.requests import asked_for

_FILTERS = {
    "actor": "Username, or a part of the name that the event keeps.",
    "action": "For example stack.create, or stack.* for all that begin so; may be repeated.",
    "q": "A part of the object's name or of the action, or the object's identifier.",
    "space": "Short name of a space; events of spaces below it are included.",
    "object_type": "For example stack.",
    "object_id": "Identifier of the object.",
    "address": "An address, or a network such as 10.0.0.0/8.",
    "role": "Short name of a role that whoever acted had then, such as admin.",
    "since": "First day, as 2026-01-31.",
    "until": "Last day, included.",
}
FORM_NAMES = sorted(FORMATS)
_PARAMETERS = [OpenApiParameter(name, str, description=words) for name, words in _FILTERS.items()]


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    """One event."""

    actor = serializers.CharField(source="actor_label")
    space = serializers.CharField(source="space_label")

    class Meta:
        model = AuditEvent
        fields = [
            "uid", "at", "actor", "roles", "action", "object_type", "object_id", "object_label", "space", "arguments",
            "address", "number", "digest",
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

    @extend_schema(parameters=_PARAMETERS)
    def list(self, request: Request) -> Response:
        """Events, newest first."""
        response: Response = self.listed(filtered(self.get_queryset(), **asked_for(request.query_params)))
        return response

    @extend_schema(
        parameters=[
            OpenApiParameter("form", str, enum=FORM_NAMES, description="csv, or jsonl (one JSON object a line)."),
            *_PARAMETERS,
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR, (200, "application/x-ndjson"): OpenApiTypes.STR},
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        """Events as a file, the oldest first."""
        asked = asked_for(request.query_params)
        found = filtered(self.get_queryset(), **asked)
        form = request.query_params.get("form", "jsonl")
        return answer(subject=self.subject, events=found, form=form, asked=asked)

    def retrieve(self, request: Request, uid: str) -> Response:
        """One event."""
        return Response(self.get_serializer(self.get_object()).data)
