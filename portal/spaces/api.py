"""``/api/v1/spaces``, ``/roles`` and ``/bindings``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.models import ApiToken, User
from portal.accounts.stepping_up import require_fresh
from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from portal.spaces import access
from portal.spaces.bindings import bind_role, change_end, unbind_role
from portal.spaces.models import Binding, Role, Space
from portal.spaces.moves import checks_of_move, move_space
from portal.spaces.permissions import ADMIN, Permission
from portal.spaces.querysets import labelled
from portal.spaces.roles import check_manage_roles, create_role, delete_role, update_role
from portal.spaces.serializers import (
    BindingCreateSerializer,
    BindingEndSerializer,
    BindingSerializer,
    MovedSerializer,
    RoleChangeSerializer,
    RoleSerializer,
    RoleWriteSerializer,
    SpaceCreateSerializer,
    SpaceMoveSerializer,
    SpaceSerializer,
    SpaceUpdateSerializer,
)
from portal.spaces.services import create_space, delete_space, update_space


def space_named(viewset: PortalViewSet, slug: str, field: str) -> Space:
    """A visible space by its short name, else ``Invalid`` on ``field``: the body names it, not the address."""
    found = access.visible_to(viewset.subject, Space.objects.filter(slug=slug)).first()
    return found or _unknown(field, "space", slug)


def role_named(slug: str) -> Role:
    """A role by its short name, else ``Invalid`` on ``role``."""
    found: Role = Role.objects.filter(slug=slug).first() or _unknown("role", "role", slug)
    return found


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

    @extend_schema(parameters=[OpenApiParameter("label", str, description="Only spaces with this label.")])
    def list(self, request: Request) -> Response:
        """All spaces that you may see."""
        response: Response = self.listed(labelled(self.get_queryset(), request.query_params.get("label", "")))
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

    @extend_schema(request=SpaceMoveSerializer, responses=MovedSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, slug: str) -> Response:
        """Hang the space below another, with every check by name. With ``dry_run`` nothing moves."""
        space = self._space(slug, Permission.SPACE_UPDATE)
        serializer = SpaceMoveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        parent = space_named(self, serializer.validated_data["parent"], "parent")
        checks = [
            {"words": check.words, "holds": check.holds, "against": check.against}
            for check in checks_of_move(self.subject, space, parent)
        ]
        is_dry = serializer.validated_data["dry_run"]
        if not is_dry:
            require_fresh(request._request)
            move_space(subject=self.subject, space=space, parent=parent)
        return Response({"moved": not is_dry, "checks": checks})

    def destroy(self, request: Request, slug: str) -> Response:
        """Delete an empty space. Needs ``space:delete``."""
        space = self._space(slug, Permission.SPACE_DELETE)
        require_fresh(request._request)
        delete_space(subject=self.subject, space=space)
        return Response(status=204)


class RoleViewSet(PortalViewSet):
    """Roles are the same everywhere: everybody who is signed in reads them, admins of root compose them."""

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

    @extend_schema(request=RoleWriteSerializer, responses={201: RoleSerializer})
    def create(self, request: Request) -> Response:
        """Compose a role. Needs ``role:manage`` at root."""
        self._check(request)
        serializer = RoleWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(RoleSerializer(create_role(subject=self.subject, **serializer.validated_data)).data, status=201)

    @extend_schema(request=RoleChangeSerializer, responses=RoleSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change a composed role; what is not named stays. It holds from everybody's next request."""
        self._check(request)
        role = self.get_object()
        serializer = RoleChangeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        before = {"name": role.name, "description": role.description, "permissions": role.permissions}
        update_role(subject=self.subject, role=role, **{**before, **serializer.validated_data})
        return Response(RoleSerializer(role).data)

    def destroy(self, request: Request, slug: str) -> Response:
        """Delete a composed role that nobody has."""
        self._check(request)
        delete_role(subject=self.subject, role=self.get_object())
        return Response(status=204)

    def _check(self, request: Request) -> None:
        check_manage_roles(self.subject)
        require_fresh(request._request)


class BindingViewSet(PortalViewSet):
    """Who has which role where."""

    queryset = Binding.objects.none()
    serializer_class = BindingSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[Binding]:
        """Bindings in visible spaces; those of tokens only where the subject may take them away, or owns the token."""
        rows = access.visible_to(
            self.subject, Binding.objects.select_related("space", "role", "user", "group", "token", "workload")
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
        role = role_named(data["role"])
        if space.is_root and role.slug == ADMIN:
            require_fresh(request._request)
        until = data.get("expires_at")
        binding = bind_role(subject=self.subject, space=space, role=role, expires_at=until, **self._bound(data))
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

    @extend_schema(request=BindingEndSerializer, responses=BindingSerializer)
    def partial_update(self, request: Request, uid: str) -> Response:
        """Let a role end at another time. Needs ``binding:manage`` in the space."""
        binding = self.get_object()
        serializer = BindingEndSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        changed = change_end(subject=self.subject, binding=binding, **serializer.validated_data)
        return Response(BindingSerializer(changed).data)

    def destroy(self, request: Request, uid: str) -> Response:
        """Take a role away. Needs ``binding:manage`` in the space."""
        unbind_role(subject=self.subject, binding=self.get_object())
        return Response(status=204)
