"""``/api/v1/catalog-providers`` and ``/api/v1/git-webhooks``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.ingestion.models import Location
from catalog.providers import services
from catalog.providers.models import Hook, Provider
from catalog.providers.push.services import Pushed, change_some, put_all
from catalog.providers.querysets import hooks_for, problems_of
from catalog.providers.serializers import (
    CatalogProviderChangeSerializer,
    CatalogProviderCreateSerializer,
    CatalogProviderSerializer,
    ChangeSerializer,
    HookCreateSerializer,
    HookMadeSerializer,
    HookSerializer,
    ProblemSerializer,
    PushedSerializer,
    PutSerializer,
)
from catalog.providers.webhooks import services as webhooks
from portal.api.routers import UUID
from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from portal.spaces import access
from portal.spaces.models import Space

_DRY_RUN = OpenApiParameter("dry_run", bool, description="Only say what would become of it.")
_TOO_LARGE = {413: OpenApiResponse(description="The body, or one item of it, is larger than its limit.")}


class ProviderViewSet(PortalViewSet):
    """Providers of entities."""

    queryset = Provider.objects.none()
    serializer_class = CatalogProviderSerializer
    lookup_field = "name"
    lookup_value_regex = "[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?"

    def get_queryset(self) -> QuerySet[Provider]:
        """Visible providers."""
        return access.visible_to(self.subject, Provider.objects.select_related("space"))

    def _get(self, name: str) -> Provider:
        return access.get_for(self.subject, Provider.objects.select_related("space", "home"), name=name)

    def list(self, request: Request) -> Response:
        """Providers that you may see."""
        response: Response = self.listed(self.get_queryset().order_by("-created_at", "-pk"))
        return response

    def retrieve(self, request: Request, name: str) -> Response:
        """One provider, and how its last reading went."""
        return Response(CatalogProviderSerializer(self._get(name)).data)

    @extend_schema(request=CatalogProviderCreateSerializer, responses={201: CatalogProviderSerializer})
    def create(self, request: Request) -> Response:
        """Set up a provider. Those that the portal reads are read soon."""
        serializer = CatalogProviderCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(serializer.validated_data)
        space = access.get_for(self.subject, Space.objects.all(), slug=values.pop("space"))
        made = services.create_provider(subject=self.subject, space=space, **values)
        return Response(CatalogProviderSerializer(made).data, status=201)

    @extend_schema(request=CatalogProviderChangeSerializer, responses=CatalogProviderSerializer)
    def partial_update(self, request: Request, name: str) -> Response:
        """Change a provider; what is not named stays, options too. Moving it takes what it gave along."""
        provider = self._get(name)
        access.check(self.subject, "provider:manage", provider)
        serializer = CatalogProviderChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(serializer.validated_data)
        if "space" in values:
            values["space"] = access.get_for(self.subject, Space.objects.all(), slug=values["space"])
        services.update_provider(subject=self.subject, provider=provider, **values)
        return Response(CatalogProviderSerializer(provider).data)

    def destroy(self, request: Request, name: str) -> Response:
        """Remove a provider with everything that it gave."""
        services.delete_provider(subject=self.subject, provider=self._get(name))
        return Response(status=204)

    @extend_schema(request=None, responses={202: CatalogProviderSerializer})
    @action(detail=True, methods=["post"])
    def refresh(self, request: Request, name: str) -> Response:
        """Have a provider read again soon."""
        provider = self._get(name)
        services.refresh_provider(subject=self.subject, provider=provider)
        return Response(CatalogProviderSerializer(provider).data, status=202)

    @extend_schema(responses=ProblemSerializer(many=True))
    @action(detail=True, methods=["get"])
    def problems(self, request: Request, name: str) -> Response:
        """What it gave that did not become an entity, and why."""
        page = self.paginate_queryset(problems_of(self._get(name)).order_by("-seen_at", "-pk"))
        return self.get_paginated_response(ProblemSerializer(page, many=True).data)

    @extend_schema(
        methods=["PUT"], request=PutSerializer, responses={200: PushedSerializer, **_TOO_LARGE}, parameters=[_DRY_RUN]
    )
    @extend_schema(
        methods=["PATCH"], request=ChangeSerializer, responses={200: PushedSerializer, **_TOO_LARGE},
        parameters=[_DRY_RUN],
    )  # fmt: skip
    @action(detail=True, methods=["put", "patch"])
    def entities(self, request: Request, name: str) -> Response:
        """Push entities: with PUT they replace all that was pushed before, with PATCH some are added and removed.

        All of it happens or nothing, up to 20,000 entities and 64 MB. Entities that are refused are told in the answer;
        where one was good before, that one stays, with an error in its status.
        """
        verb = put_all if request.method == "PUT" else change_some
        is_dry_run = request.query_params.get("dry_run", "") not in ("", "false", "0")
        # The body is read as it comes: parsed as a whole it would take many times its size.
        pushed = verb(subject=self.subject, provider=self._get(name), read=request._request.read, is_dry_run=is_dry_run)
        return Response(_told(pushed, is_dry_run))


def _told(pushed: Pushed, is_dry_run: bool) -> dict[str, Any]:
    done = pushed.reading.outcome
    return {
        "accepted": pushed.accepted, "rejected": len(pushed.results) - pushed.accepted, "added": done.added,
        "changed": done.changed, "unchanged": done.unchanged, "removed": done.removed, "is_dry_run": is_dry_run,
        "entities": pushed.results,
    }  # fmt: skip


class HookViewSet(PortalViewSet):
    """Webhooks of Git hosts."""

    queryset = Hook.objects.none()
    serializer_class = HookSerializer
    lookup_field = "uid"
    lookup_value_regex = UUID

    def list(self, request: Request) -> Response:
        """Webhooks of the providers and locations that you may see."""
        response: Response = self.listed(hooks_for(self.subject).order_by("-created_at", "-pk"))
        return response

    @extend_schema(request=HookCreateSerializer, responses={201: HookMadeSerializer})
    def create(self, request: Request) -> Response:
        """Make the webhook of a provider or a location, or give it a new secret. The secret is told this once."""
        serializer = HookCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        if len(values) != 1:
            raise Invalid("Name either a provider or a location.")
        if "provider" in values:
            provider = access.get_for(self.subject, Provider.objects.all(), name=values["provider"].replace("\x00", ""))
            made = webhooks.make_hook(subject=self.subject, provider=provider)
        else:
            location = access.get_for(self.subject, Location.objects.all(), uid=values["location"])
            made = webhooks.make_hook(subject=self.subject, location=location)
        return Response(HookMadeSerializer(made).data, status=201)

    def destroy(self, request: Request, uid: str) -> Response:
        """Remove a webhook: its address takes nothing any more."""
        webhooks.delete_hook(subject=self.subject, hook=webhooks.get_hook(self.subject, uid))
        return Response(status=204)
