"""``/api/v1/sessions``: where the caller is signed in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.sessions.models import BrowserSession
from portal.sessions.services import end_session, is_current, sessions_of
from portal.spaces.people import account_of


class SessionSerializer(serializers.ModelSerializer[BrowserSession]):
    """One browser."""

    device = serializers.CharField(read_only=True, help_text="Browser and system in words, as the browser says.")
    is_current = serializers.SerializerMethodField(help_text="Is it the session of this call?")

    class Meta:
        model = BrowserSession
        fields = ["uid", "device", "address", "created_at", "last_seen_at", "is_current"]
        read_only_fields = fields

    def get_is_current(self, row: BrowserSession) -> bool:
        """The session of this call."""
        return is_current(row, self.context["request"]._request)


class SessionViewSet(PortalViewSet):
    """Browsers that are signed in as the caller."""

    queryset = BrowserSession.objects.none()
    serializer_class = SessionSerializer
    pagination_class = None
    lookup_field = "uid"
    lookup_value_regex = UUID

    def list(self, request: Request) -> Response:
        """Your sessions, the last used one first."""
        rows: Any = sessions_of(account_of(self.subject))
        return Response(self.get_serializer(rows, many=True).data)

    @extend_schema(parameters=[OpenApiParameter("uid", str, OpenApiParameter.PATH)], responses={204: None})
    def destroy(self, request: Request, uid: str) -> Response:
        """End one of your sessions at once."""
        end_session(subject=self.subject, uid=uid)
        return Response(status=204)
