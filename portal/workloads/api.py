"""``/api/v1/workload-trusts``: whom the portal believes, and the roles of their jobs."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.stepping_up import require_fresh
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.spaces import access
from portal.spaces.api import role_named, space_named
from portal.spaces.permissions import Permission
from portal.spaces.serializers import BindingSerializer
from portal.workloads import acting, services
from portal.workloads.models import Trust
from portal.workloads.serializers import (
    TrustChangeSerializer,
    TrustCreateSerializer,
    TrustRoleSerializer,
    TrustSerializer,
)


class TrustViewSet(PortalViewSet):
    """Workload trusts. All of this needs ``binding:manage`` in the space where the trust lives."""

    queryset = Trust.objects.none()
    serializer_class = TrustSerializer
    lookup_field = "uid"
    lookup_value_regex = UUID

    def get_queryset(self) -> QuerySet[Trust]:
        """Trusts that the subject manages."""
        return access.visible_to(self.subject, Trust.objects.select_related("space", "created_by"))

    def _fresh_trust(self, request: Request, uid: str) -> Trust:
        trust = services.get_trust_for(self.subject, uid)
        require_fresh(request._request)
        return trust

    @extend_schema(parameters=[OpenApiParameter("space", str, description="Short name of a space.")])
    def list(self, request: Request) -> Response:
        """The trusts that you manage."""
        space = request.query_params.get("space")
        rows = self.get_queryset()
        response: Response = self.listed(rows.filter(space__slug=space) if space else rows)
        return response

    def retrieve(self, request: Request, uid: str) -> Response:
        """One trust."""
        return Response(TrustSerializer(services.get_trust_for(self.subject, uid)).data)

    @extend_schema(request=TrustCreateSerializer, responses={201: TrustSerializer})
    def create(self, request: Request) -> Response:
        """Add a trust. Its jobs can do nothing until they are given roles."""
        serializer = TrustCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        space = space_named(self, data.pop("space"), "space")
        access.check_in(self.subject, Permission.BINDING_MANAGE, space)
        require_fresh(request._request)
        made = services.create_trust(subject=self.subject, space=space, **data)
        return Response(TrustSerializer(made).data, status=201)

    @extend_schema(request=TrustChangeSerializer, responses=TrustSerializer)
    def partial_update(self, request: Request, uid: str) -> Response:
        """Change a trust; what is not named stays. Its tokens end where it believes others than before, or is off."""
        trust = self._fresh_trust(request, uid)
        serializer = TrustChangeSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        return Response(TrustSerializer(services.update_trust(subject=self.subject, trust=trust, **values)).data)

    def destroy(self, request: Request, uid: str) -> Response:
        """Delete a trust, its roles and its tokens."""
        services.delete_trust(subject=self.subject, trust=self._fresh_trust(request, uid))
        return Response(status=204)

    @extend_schema(methods=["GET"], responses=BindingSerializer(many=True))
    @extend_schema(methods=["POST"], request=TrustRoleSerializer, responses={201: BindingSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def roles(self, request: Request, uid: str) -> Response:
        """The roles that jobs of the trust act with; POST gives one. They are taken away as bindings are."""
        if request.method == "GET":
            trust = services.get_trust_for(self.subject, uid)
            return Response(BindingSerializer(acting.roles_of_trust(self.subject, trust), many=True).data)
        trust = self._fresh_trust(request, uid)
        serializer = TrustRoleSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        space = space_named(self, data["space"], "space")
        until = data.get("expires_at")
        made = acting.give_role(
            subject=self.subject, trust=trust, role=role_named(data["role"]), space=space, expires_at=until
        )
        return Response(BindingSerializer(made).data, status=201)
