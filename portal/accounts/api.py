"""``/api/v1/users``, ``/groups`` and ``/tokens``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.models import ApiToken, User
from portal.accounts.serializers import (
    GroupSerializer,
    GroupWriteSerializer,
    MeSerializer,
    NestSerializer,
    TokenCreateSerializer,
    TokenMadeSerializer,
    TokenSerializer,
    UserCreateSerializer,
    UserSerializer,
    UserUpdateSerializer,
)
from portal.accounts.stepping_up import require_fresh
from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from portal.spaces import access, people
from portal.spaces.api import space_named
from portal.spaces.models import Role
from portal.spaces.permissions import Permission
from portal.spaces.tokens import issue_token, revoke_token


class UserViewSet(PortalViewSet):
    """People. Reading needs ``user:manage`` somewhere, changing needs it at root."""

    queryset = User.objects.none()
    serializer_class = UserSerializer
    lookup_field = "username"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[User]:
        """All people, for whoever may look them up."""
        return people.users_for(self.subject)

    def list(self, request: Request) -> Response:
        """Everybody."""
        response: Response = self.listed(self.get_queryset())
        return response

    def retrieve(self, request: Request, username: str) -> Response:
        """One person."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses=MeSerializer)
    @action(detail=False)
    def me(self, request: Request) -> Response:
        """The caller."""
        subject = self.subject
        facts = {
            "user": subject.user,
            "token": subject.token.name if subject.token else None,
            "tool": subject.delegation.client if subject.delegation else None,
            "roles": access.roles_of(subject),
        }
        return Response(MeSerializer(facts).data)

    @extend_schema(request=UserCreateSerializer, responses={201: UserSerializer})
    def create(self, request: Request) -> Response:
        """Make a local account that can do nothing yet."""
        people.check_manage(self.subject)
        serializer = UserCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = people.create_user(subject=self.subject, **serializer.validated_data)
        return Response(UserSerializer(user).data, status=201)

    @extend_schema(request=UserUpdateSerializer, responses=UserSerializer)
    def partial_update(self, request: Request, username: str) -> Response:
        """Change name and e-mail, suspend or restore."""
        user = self.get_object()
        people.check_manage(self.subject)
        serializer = UserUpdateSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        is_active = data.pop("is_active", None)
        if data:
            facts = {"email": user.email, "display_name": user.display_name, **data}
            people.update_user(subject=self.subject, user=user, **facts)
        if is_active is not None:
            people.set_user_active(subject=self.subject, user=user, is_active=is_active)
        return Response(UserSerializer(user).data)


class GroupViewSet(PortalViewSet):
    """Groups. Reading needs ``user:manage`` somewhere, changing needs ``group:manage`` at root."""

    queryset = Group.objects.none()
    serializer_class = GroupSerializer

    def get_queryset(self) -> QuerySet[Group]:
        """All groups, for whoever may look them up."""
        return people.groups_for(self.subject).prefetch_related("user_set", "child_edges__child")

    def list(self, request: Request) -> Response:
        """All groups."""
        response: Response = self.listed(self.get_queryset())
        return response

    def retrieve(self, request: Request, pk: str) -> Response:
        """One group."""
        return Response(self.get_serializer(self.get_object()).data)

    def _wanted(self, request: Request) -> dict[str, Any]:
        people.check_manage(self.subject, Permission.GROUP_MANAGE)
        serializer = GroupWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    @extend_schema(request=GroupWriteSerializer, responses={201: GroupSerializer})
    def create(self, request: Request) -> Response:
        """Make a group."""
        group = people.create_group(subject=self.subject, **self._wanted(request))
        return Response(GroupSerializer(group).data, status=201)

    @extend_schema(request=GroupWriteSerializer, responses=GroupSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Rename a group and replace its members."""
        found = self.get_object()
        group = people.update_group(subject=self.subject, group=found, **self._wanted(request))
        return Response(GroupSerializer(self.get_queryset().get(pk=group.pk)).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a group and the roles that it gave."""
        people.delete_group(subject=self.subject, group=self.get_object())
        return Response(status=204)

    @extend_schema(request=NestSerializer, responses=GroupSerializer)
    @action(detail=True, methods=["post"])
    def groups(self, request: Request, pk: str) -> Response:
        """Put a group into this one: its members have this one's roles."""
        parent, child = self._both(request)
        people.nest_group(subject=self.subject, child=child, parent=parent)
        return Response(GroupSerializer(self.get_queryset().get(pk=parent.pk)).data)

    @extend_schema(request=NestSerializer, responses=GroupSerializer)
    @action(detail=True, methods=["post"], url_path="groups/remove")
    def remove_group(self, request: Request, pk: str) -> Response:
        """Take a group out of this one."""
        parent, child = self._both(request)
        people.unnest_group(subject=self.subject, child=child, parent=parent)
        return Response(GroupSerializer(self.get_queryset().get(pk=parent.pk)).data)

    def _both(self, request: Request) -> tuple[Group, Group]:
        parent = self.get_object()
        people.check_manage(self.subject, Permission.GROUP_MANAGE)
        serializer = NestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        name = serializer.validated_data["group"]
        child = people.groups_for(self.subject).filter(name=name).first()
        if child is None:
            message = f"There is no group “{name}”."
            raise Invalid(message, errors=[{"field": "group", "message": message}])
        return parent, child


def _role_named(slug: str) -> Role:
    role = Role.objects.filter(slug=slug).first()
    if role is None:
        message = f"There is no role “{slug}”."
        raise Invalid(message, errors=[{"field": "role", "message": message}])
    return role


class TokenViewSet(PortalViewSet):
    """Your own API tokens."""

    queryset = ApiToken.objects.none()
    serializer_class = TokenSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[ApiToken]:
        """The caller's own."""
        return people.tokens_of(self.subject)

    def list(self, request: Request) -> Response:
        """Your tokens, revoked and expired ones included."""
        response: Response = self.listed(self.get_queryset())
        return response

    def retrieve(self, request: Request, uid: str) -> Response:
        """One of your tokens."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=TokenCreateSerializer, responses={201: TokenMadeSerializer})
    def create(self, request: Request) -> Response:
        """Make a token; its plain text is in this answer and nowhere else."""
        serializer = TokenCreateSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        owner = people.person_of(self.subject)
        if not data.get("role") and not data.get("roles"):
            require_fresh(request._request)
        token, plain = issue_token(subject=self.subject, owner=owner, **self._places(data))
        response = Response({**TokenSerializer(token).data, "token": plain}, status=201)
        response["Cache-Control"] = "no-store"
        return response

    def _places(self, data: dict[str, Any]) -> dict[str, Any]:
        """The named roles and spaces as rows."""
        named = data.pop("roles") + ([{"role": data["role"], "space": data["space"]}] if "role" in data else [])
        data.pop("role", None)
        data.pop("space", None)
        data["roles"] = [(_role_named(row["role"]), space_named(self, row["space"], "space")) for row in named]
        return data

    def destroy(self, request: Request, uid: str) -> Response:
        """End a token at once."""
        revoke_token(subject=self.subject, token=self.get_object())
        return Response(status=204)
