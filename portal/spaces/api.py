"""``/api/v1/spaces``, ``/roles`` and ``/bindings``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.models import ApiToken, User
from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from portal.spaces import access
from portal.spaces.bindings import bind_role, unbind_role
from portal.spaces.models import Binding, Role, Space
from portal.spaces.permissions import Permission
from portal.spaces.serializers import (
    BindingCreateSerializer,
    BindingSerializer,
    RoleSerializer,
    SpaceCreateSerializer,
    SpaceSerializer,
    SpaceUpdateSerializer,
)
from portal.spaces.services import create_space, delete_space, update_space


def space_named(viewset: PortalViewSet, slug: str, field: str) -> Space:
    """A visible space by its short name, else ``Invalid`` on ``field``: the body names it, not the address."""
    found = access.visible_to(viewset.subject, Space.objects.filter(slug=slug)).first()
    return found or _unknown(field, "space", slug)


def _unknown(field: str, noun: str, name: object) -> Any:
    message = f"There is no {noun} “{name}”, or you may not see it."
    raise Invalid(message, errors=[{"field": field, "message": message}])


class SpaceViewSet(PortalViewSet):
    """The space tree."""

    queryset = Space.objects.none()
    serializer_class = SpaceSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Space]:
        """Visible spaces."""
        return access.visible_to(self.subject, Space.objects.select_related("parent"))

    def _space(self, slug: str, permission: str) -> Space:
        return access.get_for(self.subject, Space.objects.select_related("parent"), permission, slug=slug)

    def list(self, request: Request) -> Response:
        """All spaces that you may see."""
        response: Response = self.listed(self.get_queryset())
        return response

    def retrieve(self, request: Request, slug: str) -> Response:
        """One space."""
        return Response(SpaceSerializer(self._space(slug, Permission.SPACE_READ)).data)

    @extend_schema(request=SpaceCreateSerializer, responses={201: SpaceSerializer})
    def create(self, request: Request) -> Response:
        """Make a space below another. Needs ``space:create`` in the parent."""
        serializer = SpaceCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        data["parent"] = space_named(self, data["parent"], "parent")
        return Response(SpaceSerializer(create_space(subject=self.subject, **data)).data, status=201)

    @extend_schema(request=SpaceUpdateSerializer, responses=SpaceSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change a space; what is not named stays. Needs ``space:update``."""
        space = self._space(slug, Permission.SPACE_UPDATE)
        serializer = SpaceUpdateSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        data = {"name": space.name, "description": space.description, **serializer.validated_data}
        return Response(SpaceSerializer(update_space(subject=self.subject, space=space, **data)).data)

    def destroy(self, request: Request, slug: str) -> Response:
        """Delete an empty space. Needs ``space:delete``."""
        delete_space(subject=self.subject, space=self._space(slug, Permission.SPACE_DELETE))
        return Response(status=204)


class RoleViewSet(PortalViewSet):
    """Roles are the same everywhere, so everybody who is signed in may read them."""

    queryset = Role.objects.all()
    serializer_class = RoleSerializer
    lookup_field = "slug"

    def list(self, request: Request) -> Response:
        """All roles."""
        response: Response = self.listed(self.get_queryset())
        return response

    def retrieve(self, request: Request, slug: str) -> Response:
        """One role."""
        return Response(self.get_serializer(self.get_object()).data)


class BindingViewSet(PortalViewSet):
    """Who has which role where."""

    queryset = Binding.objects.none()
    serializer_class = BindingSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[Binding]:
        """Bindings in visible spaces; those of tokens only where the subject may take them away, or owns the token."""
        rows = access.visible_to(
            self.subject, Binding.objects.select_related("space", "role", "user", "group", "token")
        )
        managed = access.visible_to(self.subject, Binding.objects.all(), Permission.BINDING_MANAGE)
        return (
            rows.filter(token__isnull=True)
            | rows.filter(pk__in=managed.values("pk"))
            | rows.filter(token__owner=self.subject.user)
        )

    @extend_schema(
        parameters=[
            OpenApiParameter("space", str, description="Short name of a space."),
            OpenApiParameter("user", str, description="Username."),
            OpenApiParameter("group", str, description="Name of a group."),
        ]
    )
    def list(self, request: Request) -> Response:
        """Bindings in the spaces that you may see."""
        paths = {"space": "space__slug", "user": "user__username", "group": "group__name"}
        asked = {path: request.query_params[name] for name, path in paths.items() if request.query_params.get(name)}
        response: Response = self.listed(self.get_queryset().filter(**asked))
        return response

    def retrieve(self, request: Request, uid: str) -> Response:
        """One binding."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=BindingCreateSerializer, responses={201: BindingSerializer})
    def create(self, request: Request) -> Response:
        """Give a role. Needs ``binding:manage`` in the space, and every permission of the role."""
        serializer = BindingCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        space = space_named(self, data["space"], "space")
        access.check(self.subject, Permission.BINDING_MANAGE, space)
        role = Role.objects.filter(slug=data["role"]).first() or _unknown("role", "role", data["role"])
        binding = bind_role(subject=self.subject, space=space, role=role, **self._bound(data))
        return Response(BindingSerializer(binding).data, status=201)

    def _bound(self, data: dict[str, Any]) -> dict[str, Any]:
        if "user" in data:
            return {
                "user": User.objects.filter(username=data["user"]).first() or _unknown("user", "person", data["user"])
            }
        if "group" in data:
            return {
                "group": Group.objects.filter(name=data["group"]).first() or _unknown("group", "group", data["group"])
            }
        return {
            "token": ApiToken.objects.filter(uid=data["token"]).first() or _unknown("token", "token", data["token"])
        }

    def destroy(self, request: Request, uid: str) -> Response:
        """Take a role away. Needs ``binding:manage`` in the space."""
        unbind_role(subject=self.subject, binding=self.get_object())
        return Response(status=204)
