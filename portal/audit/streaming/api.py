"""``/api/v1/audit-destinations``: where the trail goes."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.stepping_up import require_fresh
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.audit.models import Destination
from portal.audit.streaming import services


class DestinationSerializer(serializers.ModelSerializer[Destination]):
    """A destination, without its secret."""

    lag = serializers.IntegerField(read_only=True, help_text="Sealed events that it has not got yet.")

    class Meta:
        model = Destination
        fields = [
            "uid", "name", "kind", "address", "is_enabled", "cursor", "lag", "delivered_at", "failures", "last_error",
            "retry_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class DestinationCreateSerializer(serializers.Serializer[Destination]):
    """A new destination."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(Destination.Kind.choices)
    address = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    secret = serializers.CharField(max_length=200, required=False, allow_blank=True, write_only=True)
    is_enabled = serializers.BooleanField(default=True)
    with_past = serializers.BooleanField(default=False, help_text="Send the whole trail first.")


class DestinationChangeSerializer(serializers.Serializer[Destination]):
    """What can change."""

    name = serializers.CharField(max_length=100, required=False)
    address = serializers.CharField(max_length=500, required=False, allow_blank=True)
    secret = serializers.CharField(max_length=200, required=False, allow_blank=True, write_only=True)
    is_enabled = serializers.BooleanField(required=False)


class DestinationMadeSerializer(DestinationSerializer):
    """The answer to making one: the only one that tells the signing secret."""

    class Meta(DestinationSerializer.Meta):
        fields = [*DestinationSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class TestedSerializer(serializers.Serializer[None]):
    """What became of a test event."""

    is_taken = serializers.BooleanField()
    error = serializers.CharField(allow_blank=True)


class DestinationViewSet(PortalViewSet):
    """Destinations of the audit trail. All of this needs ``audit:stream`` at root."""

    queryset = Destination.objects.none()
    serializer_class = DestinationSerializer
    lookup_field = "uid"
    lookup_value_regex = UUID
    pagination_class = None

    @extend_schema(responses=DestinationSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All destinations."""
        return Response(DestinationSerializer(services.destinations_for(self.subject), many=True).data)

    def retrieve(self, request: Request, uid: str) -> Response:
        """One destination."""
        return Response(DestinationSerializer(services.get_destination(self.subject, uid)).data)

    @extend_schema(request=DestinationCreateSerializer, responses={201: DestinationMadeSerializer})
    def create(self, request: Request) -> Response:
        """Add a destination."""
        services.check_manage(self.subject)
        require_fresh(request._request)
        serializer = DestinationCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = services.create_destination(subject=self.subject, **serializer.validated_data)
        return Response(DestinationMadeSerializer(made).data, status=201)

    @extend_schema(request=DestinationChangeSerializer, responses=DestinationSerializer)
    def partial_update(self, request: Request, uid: str) -> Response:
        """Change a destination; what is not named stays."""
        row = services.get_destination(self.subject, uid)
        require_fresh(request._request)
        serializer = DestinationChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.update_destination(subject=self.subject, destination=row, **serializer.validated_data)
        return Response(DestinationSerializer(row).data)

    def destroy(self, request: Request, uid: str) -> Response:
        """Delete a destination."""
        row = services.get_destination(self.subject, uid)
        require_fresh(request._request)
        services.delete_destination(subject=self.subject, destination=row)
        return Response(status=204)

    @extend_schema(request=None, responses=TestedSerializer)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, uid: str) -> Response:
        """Send one event at once."""
        row = services.get_destination(self.subject, uid)
        error = services.send_test(subject=self.subject, destination=row)
        return Response({"is_taken": not error, "error": error})
