"""``/api/v1/access-requests``: ask for a role, answer, take back."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.viewsets import PortalViewSet
from portal.lib.errors import Invalid
from portal.spaces.api import space_named
from portal.spaces.models import AccessRequest, Role
from portal.spaces.requests import (
    LONGEST_DAYS,
    grant_request,
    refuse_request,
    request_access,
    requests_for,
    withdraw_request,
)


class AccessRequestSerializer(serializers.ModelSerializer[AccessRequest]):
    """A request for a role in a space, and what came of it."""

    space = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    role = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    user = serializers.SlugRelatedField[Any](slug_field="username", read_only=True)
    answered_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)

    class Meta:
        model = AccessRequest
        fields = [
            "uid", "space", "role", "user", "reason", "days", "state", "created_at", "answered_at", "answered_by",
            "answer",
        ]  # fmt: skip
        read_only_fields = fields


class AskSerializer(serializers.Serializer[Any]):
    """What is asked for."""

    space = serializers.CharField(help_text="Short name of the space.")
    role = serializers.CharField(help_text="Short name of the role.")
    reason = serializers.CharField(max_length=1000, help_text="What it is needed for.")
    days = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_DAYS,
        required=False,
        allow_null=True,
        default=None,
        help_text="For good where empty.",
    )


class GrantAnswerSerializer(serializers.Serializer[Any]):
    """Yes, perhaps for another time than was asked."""

    answer = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, required=False, allow_null=True, default=None)


class RefuseAnswerSerializer(serializers.Serializer[Any]):
    """No, and why."""

    answer = serializers.CharField(max_length=1000)


class AccessRequestViewSet(PortalViewSet):
    """Your own requests, and those of spaces where you give roles."""

    queryset = AccessRequest.objects.none()
    serializer_class = AccessRequestSerializer
    lookup_field = "uid"

    def get_queryset(self) -> QuerySet[AccessRequest]:
        """What the subject asked for or may answer."""
        return requests_for(self.subject)

    def _data(self, serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        asked = serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def list(self, request: Request) -> Response:
        """Requests, newest first."""
        response: Response = self.listed(self.get_queryset())
        return response

    def retrieve(self, request: Request, uid: str) -> Response:
        """One request."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=AskSerializer, responses={201: AccessRequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a role in a space that you see."""
        data = self._data(AskSerializer, request)
        space = space_named(self, data["space"], "space")
        role = Role.objects.filter(slug=data["role"]).first()
        if role is None:
            message = f"There is no role “{data['role']}”."
            raise Invalid(message, errors=[{"field": "role", "message": message}])
        made = request_access(subject=self.subject, space=space, role=role, reason=data["reason"], days=data["days"])
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(request=GrantAnswerSerializer, responses=AccessRequestSerializer)
    @action(detail=True, methods=["post"])
    def grant(self, request: Request, uid: str) -> Response:
        """Give what was asked for. Needs what giving the role by hand needs."""
        wanted = self.get_object()
        data = self._data(GrantAnswerSerializer, request)
        return Response(self.get_serializer(grant_request(subject=self.subject, wanted=wanted, **data)).data)

    @extend_schema(request=RefuseAnswerSerializer, responses=AccessRequestSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, uid: str) -> Response:
        """Refuse, and say why."""
        wanted = self.get_object()
        data = self._data(RefuseAnswerSerializer, request)
        return Response(self.get_serializer(refuse_request(subject=self.subject, wanted=wanted, **data)).data)

    @extend_schema(request=None, responses=AccessRequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, uid: str) -> Response:
        """Take your own request back."""
        return Response(self.get_serializer(withdraw_request(subject=self.subject, wanted=self.get_object())).data)
