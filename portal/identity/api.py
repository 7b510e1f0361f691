"""``/api/v1/identity-providers``: providers, their rules and their groups."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.stepping_up import require_fresh
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.identity import services
from portal.identity.checking import check_provider
from portal.identity.configured import all_providers
from portal.identity.models import GroupRule, IdentityProvider, ProviderGroup
from portal.identity.policies import check_manage
from portal.identity.saving import with_metadata
from portal.identity.serializers import (
    FindingSerializer,
    ProviderCreateSerializer,
    ProviderGroupSerializer,
    ProviderSerializer,
    ProviderWriteSerializer,
    RuleSerializer,
)
from portal.lib.errors import NotFound


class ProviderViewSet(PortalViewSet):
    """Identity providers. All of this needs ``identity:manage`` at root."""

    queryset = IdentityProvider.objects.none()
    serializer_class = ProviderSerializer
    lookup_field = "key"
    lookup_value_regex = "[a-z0-9-]+"
    pagination_class = None

    def _provider(self, key: str) -> IdentityProvider:
        return services.get_provider(self.subject, key)

    def _fresh_provider(self, request: Request, key: str) -> IdentityProvider:
        provider = self._provider(key)
        require_fresh(request._request)
        return provider

    @extend_schema(responses=ProviderSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All providers, those of the settings first."""
        check_manage(self.subject)
        return Response(ProviderSerializer(all_providers(), many=True).data)

    def retrieve(self, request: Request, key: str) -> Response:
        """One provider."""
        return Response(ProviderSerializer(self._provider(key)).data)

    @extend_schema(request=ProviderCreateSerializer, responses={201: ProviderSerializer})
    def create(self, request: Request) -> Response:
        """Add a provider."""
        check_manage(self.subject)
        require_fresh(request._request)
        serializer = ProviderCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = with_metadata(serializer.validated_data["kind"], dict(serializer.validated_data))
        made = services.create_provider(subject=self.subject, **values)
        return Response(ProviderSerializer(made).data, status=201)

    @extend_schema(request=ProviderWriteSerializer, responses=ProviderSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Change a provider; what is not named stays."""
        provider = self._fresh_provider(request, key)
        serializer = ProviderWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = with_metadata(provider.kind, dict(serializer.validated_data))
        services.update_provider(subject=self.subject, provider=provider, **values)
        return Response(ProviderSerializer(provider).data)

    def destroy(self, request: Request, key: str) -> Response:
        """Delete a provider, its connections and its groups."""
        provider = self._fresh_provider(request, key)
        services.delete_provider(subject=self.subject, provider=provider)
        return Response(status=204)

    @extend_schema(request=None, responses=FindingSerializer(many=True))
    @action(detail=True, methods=["post"])
    def check(self, request: Request, key: str) -> Response:
        """Ask the provider for what a sign-in needs."""
        return Response(FindingSerializer(check_provider(self._provider(key)), many=True).data)

    @extend_schema(methods=["GET"], responses=RuleSerializer(many=True))
    @extend_schema(methods=["POST"], request=RuleSerializer, responses={201: RuleSerializer})
    @action(detail=True, methods=["get", "post"])
    def rules(self, request: Request, key: str) -> Response:
        """The rules of a provider's groups; POST adds one."""
        provider = services.get_source(self.subject, key)
        if request.method != "POST":
            rows = GroupRule.objects.filter(provider_key=provider.key).select_related("group")
            return Response(RuleSerializer(rows, many=True).data)
        require_fresh(request._request)
        serializer = RuleSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        rule = services.add_rule(subject=self.subject, provider=provider, **serializer.validated_data)
        return Response(RuleSerializer(rule).data, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path="rules/(?P<uid>" + UUID + ")")
    def rule(self, request: Request, key: str, uid: str) -> Response:
        """Take a rule away."""
        provider = services.get_source(self.subject, key)
        require_fresh(request._request)
        rule = next((row for row in GroupRule.objects.filter(provider_key=provider.key) if str(row.uid) == uid), None)
        if rule is None:
            raise NotFound("There is no such rule.")
        services.delete_rule(subject=self.subject, rule=rule)
        return Response(status=204)

    @extend_schema(methods=["GET"], responses=ProviderGroupSerializer(many=True))
    @extend_schema(methods=["POST"], request=ProviderGroupSerializer, responses={201: ProviderGroupSerializer})
    @action(detail=True, methods=["get", "post"])
    def groups(self, request: Request, key: str) -> Response:
        """The groups of a provider's claim values; POST makes one before its first member comes."""
        provider = services.get_source(self.subject, key)
        rows = ProviderGroup.objects.filter(provider_key=provider.key).select_related("group")
        if request.method != "POST":
            return Response(ProviderGroupSerializer(rows, many=True).data)
        require_fresh(request._request)
        serializer = ProviderGroupSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        group = services.add_provider_group(
            subject=self.subject, provider=provider, value=serializer.validated_data["value"]
        )
        return Response(ProviderGroupSerializer(rows.get(group=group)).data, status=201)
