"""``/api/v1/resources``: the inventory, read-only."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.resources.models import Resource
from catalog.resources.querysets import FACETS, counts_of, filtered, resources_for, with_health
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.spaces import access

_FILTERS = [
    OpenApiParameter("q", str, description="Text in address, name, type or name of the stack."),
    OpenApiParameter("entity", str, description="Reference of the owning entity."),
    *(OpenApiParameter(name, str, many=True) for name in FACETS),
]


class ResourceSerializer(serializers.ModelSerializer[Resource]):
    """A resource in a list."""

    space = serializers.CharField(source="space.slug", read_only=True)
    stack = serializers.CharField(source="stack_slug", read_only=True)
    health = serializers.CharField(source="shown_health", read_only=True)

    class Meta:
        model = Resource
        fields = [
            "uid", "address", "type", "name", "provider", "stack", "stack_name", "space", "entity_ref", "health",
            "health_note", "first_run_uid", "last_run_uid", "created_at", "updated_at", "checked_at",
        ]  # fmt: skip
        read_only_fields = fields


class ResourceDetailSerializer(ResourceSerializer):
    """One resource with its attributes; secrets in them are hidden."""

    attributes = serializers.JSONField(read_only=True)
    dependencies = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(ResourceSerializer.Meta):
        fields = [*ResourceSerializer.Meta.fields, "attributes", "dependencies"]
        read_only_fields = fields


class ResourceViewSet(PortalViewSet):
    """What is deployed."""

    queryset = Resource.objects.none()
    serializer_class = ResourceSerializer
    lookup_field = "uid"
    lookup_value_regex = UUID

    def get_queryset(self) -> QuerySet[Resource]:
        """Visible resources with their health."""
        return with_health(resources_for(self.subject))

    def _asked(self, request: Request) -> dict[str, Any]:
        query = request.query_params
        texts = {name: query.get(name, "").replace("\0", "") for name in ("q", "entity")}
        return {**texts, **{name: query.getlist(name) for name in FACETS}}

    @extend_schema(parameters=_FILTERS)
    def list(self, request: Request) -> Response:
        """Resources that you may see."""
        response: Response = self.listed(filtered(self.get_queryset(), self._asked(request)))
        return response

    @extend_schema(parameters=[OpenApiParameter("uid", OpenApiTypes.UUID, OpenApiParameter.PATH)])
    def retrieve(self, request: Request, uid: str) -> Response:
        """One resource with its attributes."""
        resource = access.get_for(self.subject, with_health(Resource.objects.select_related("space")), uid=uid)
        return Response(ResourceDetailSerializer(resource).data)

    @extend_schema(parameters=_FILTERS, responses={(200, "application/json"): dict[str, dict[str, int]]})
    @action(detail=False, methods=["get"])
    def facets(self, request: Request) -> Response:
        """How many resources each stack, type, provider, health and space has under the other filters."""
        asked = self._asked(request)
        return Response({name: dict(counts_of(self.get_queryset(), asked, name)) for name in FACETS})
