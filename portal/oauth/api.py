"""``/api/v1/oauth-clients`` and ``/api/v1/oauth-grants``."""

from __future__ import annotations

from allauth.idp.oidc.models import Client
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.stepping_up import require_fresh
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.oauth import clients
from portal.oauth.granting import grants_of, take_back
from portal.oauth.models import Grant
from portal.oauth.policies import check_manage
from portal.oauth.serializers import (
    ClientCreateSerializer,
    ClientMadeSerializer,
    ClientSerializer,
    ClientWriteSerializer,
    ToolGrantSerializer,
)


class ClientViewSet(PortalViewSet):
    """Tools that may ask people to act for them. All of this needs ``client:manage`` at root."""

    queryset = Client.objects.none()
    serializer_class = ClientSerializer
    lookup_field = "pk"
    lookup_url_kwarg = "client_id"
    lookup_value_regex = "[A-Za-z0-9_-]+"
    pagination_class = None

    @extend_schema(responses=ClientSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All clients."""
        return Response(ClientSerializer(clients.clients_for(self.subject), many=True).data)

    def retrieve(self, request: Request, client_id: str) -> Response:
        """One client."""
        return Response(ClientSerializer(clients.client_for(self.subject, client_id)).data)

    @extend_schema(request=ClientCreateSerializer, responses={201: ClientMadeSerializer})
    def create(self, request: Request) -> Response:
        """Register a tool."""
        check_manage(self.subject)
        require_fresh(request._request)
        serializer = ClientCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = clients.create_client(subject=self.subject, **serializer.validated_data)
        return Response(ClientMadeSerializer(made).data, status=201)

    @extend_schema(request=ClientWriteSerializer, responses=ClientSerializer)
    def partial_update(self, request: Request, client_id: str) -> Response:
        """Change a client; what is not named stays."""
        client = self._fresh(request, client_id)
        serializer = ClientWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        clients.update_client(subject=self.subject, client=client, **serializer.validated_data)
        return Response(ClientSerializer(client).data)

    def destroy(self, request: Request, client_id: str) -> Response:
        """Delete a client with all that people let it do."""
        clients.delete_client(subject=self.subject, client=self._fresh(request, client_id))
        return Response(status=204)

    @extend_schema(request=None, responses=ClientMadeSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, client_id: str) -> Response:
        """A new secret; the old one ends at once."""
        client = self._fresh(request, client_id)
        secret = clients.renew_secret(subject=self.subject, client=client)
        return Response(ClientMadeSerializer((client, secret)).data)

    def _fresh(self, request: Request, client_id: str) -> Client:
        client = clients.client_for(self.subject, client_id)
        require_fresh(request._request)
        return client


class GrantViewSet(PortalViewSet):
    """What the caller lets tools do."""

    queryset = Grant.objects.none()
    serializer_class = ToolGrantSerializer
    pagination_class = None
    lookup_field = "uid"
    lookup_value_regex = UUID

    def list(self, request: Request) -> Response:
        """Your grants, newest first."""
        return Response(self.get_serializer(grants_of(self.subject), many=True).data)

    @extend_schema(parameters=[OpenApiParameter("uid", str, OpenApiParameter.PATH)], responses={204: None})
    def destroy(self, request: Request, uid: str) -> Response:
        """End a grant and all of its tokens at once."""
        take_back(subject=self.subject, uid=uid)
        return Response(status=204)
